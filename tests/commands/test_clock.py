"""`greffe issue` beside a witness whose clock is another."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from greffe import commands
from issuer.commands import office as office_command
from issuer.run.issue import issue
from registry.errors import Refused
from registry.installation.office import Office
from registry.installation.settings import from_environ
from tests.builders.command import NOW, greffe_in, surroundings
from tests.builders.ledger import extract, state
from tests.commands.test_witness import running

NEW = extract([state("BC0000009", "LATER INC.", "9", "2020-05-06")])


def test_a_witness_of_an_empty_ledger_tells_the_time_of_its_first_batch(office: Office, tmp_path: Path) -> None:
    greffe = greffe_in(tmp_path / "w")
    vkeys = [*office.reader.trust()["ledgerKeys"], *office.reader.trust()["indexKeys"]]
    with running(greffe, *(part for vkey in vkeys for part in ("--log", vkey))) as (_, (vkey, url)):
        (office.settings.data / "witness-policy").write_text(f"witness W {vkey} {url}\nquorum W\n", "utf-8")
        with office.publishing(lambda _line: None) as publish:
            publish()
        with pytest.raises(Refused) as refused:
            issue(office, "table", NEW, surroundings("new", datetime.now(UTC) + timedelta(days=4000)))
        assert refused.value.code == "clock_apart"
        assert issue(office, "table", NEW, surroundings("new", datetime.now(UTC) + timedelta(hours=1))).issued == 1


def test_the_office_accepts_a_clock_too(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[bool]()

    def opened(_settings: object, *, accepts_time: bool = False) -> None:
        asked.append(accepts_time)
        raise Refused("enough", "it was asked")

    monkeypatch.setattr(office_command, "Office", opened)
    for arguments in ([], ["--accept-time"]):
        assert CliRunner().invoke(commands(), ["office", *arguments]).exit_code == 78
    assert asked == [False, True]


def test_a_witness_that_runs_tells_the_time(filled: Office, tmp_path: Path) -> None:
    greffe = greffe_in(tmp_path / "w")
    vkeys = [*filled.reader.trust()["ledgerKeys"], *filled.reader.trust()["indexKeys"]]
    with running(greffe, *(part for vkey in vkeys for part in ("--log", vkey))) as (process, (vkey, url)):
        policy = tmp_path / "policy"
        policy.write_text(f"witness W {vkey} {url}\nquorum W\n", "utf-8")
        environ = {"GREFFE_DATA": str(filled.settings.data), "GREFFE_WITNESS_POLICY": str(policy)}
        office = Office(from_environ(environ))
        with office.publishing(lambda _line: None) as publish:
            assert publish().is_shown
        with pytest.raises(Refused) as refused:
            issue(office, "table", NEW, surroundings("new", NOW + timedelta(hours=1)))
        assert refused.value.code == "clock_apart", "its clock is that of today"
        process.kill()
        process.wait(timeout=30)
        assert issue(Office(from_environ(environ)), "table", NEW, surroundings("new", NOW + timedelta(hours=1))).issued
