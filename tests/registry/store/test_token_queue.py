"""The queue between two users: in a sticky folder neither can open what the other made there."""

from pathlib import Path

import pytest

from registry.errors import NotReady
from registry.store.token_queue import VC_JWT, Requests


def test_nothing_but_the_queue_itself_stays_in_the_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o3770)
    office, public = Requests(tmp_path / "requests.db"), Requests(tmp_path / "requests.db")
    with pytest.raises(NotReady):
        public.get(VC_JWT, "https://greffe.example/credentials/x/1/1")
    assert [name for _, name in office.waiting()] == ["https://greffe.example/credentials/x/1/1"]
    assert [path.name for path in tmp_path.iterdir()] == ["requests.db"]
    public.close()
    office.close()
