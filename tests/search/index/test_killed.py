"""An indexer that is killed at any moment leaves an index of what it says, and goes on from there.

A few kills; fifty in `make soak`.
"""

import os
import random
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

from registry.installation.public import Public
from registry.installation.settings import from_environ
from search.index.compare import compare
from search.index.embedded import EmbeddedIndex
from search.index.follow import follow, reindex
from tests.builders.command import ROOT, SOAK

KILLS = 50 if SOAK else 3
INDEXER = """
import os, sys
from pathlib import Path
from registry.installation.public import Public
from registry.installation.settings import from_environ
from search.index.embedded import EmbeddedIndex
from search.index.follow import follow, reindex
reader, index = Public(from_environ(os.environ)).reader, EmbeddedIndex(Path(sys.argv[1]))
print("begins", flush=True)
reindex(reader, index) if sys.argv[2] == "reindex" else follow(reader, index, batch=9)
"""


def test_an_indexer_killed_many_times_loses_and_repeats_nothing(live_installation, tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    public = Public(from_environ(live_installation.environ))
    environ = {**os.environ, **live_installation.environ, "PYTHONPATH": str(ROOT)}
    chance, reached = random.Random(23), [0]
    for kill in range(KILLS):
        # a rebuild now and then: the index that it was to replace stays
        what = "reindex" if kill % 5 == 4 else "follow"
        command = [sys.executable, "-c", INDEXER, str(path), what]
        with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE) as indexer:
            assert indexer.stdout is not None
            assert indexer.stdout.readline() == b"begins\n"
            time.sleep(chance.random() * 0.08)
            indexer.kill()
        behind, differs = compare(public.reader, EmbeddedIndex(path))
        assert not differs
        assert behind is not None
        reached.append(public.reader.size() - behind)
        if not behind:
            path.unlink()
            reached.append(0)
    assert all(later >= earlier for earlier, later in pairwise(reached) if later)
    assert max(reached) > 0 or not SOAK
    assert follow(public.reader, EmbeddedIndex(path)) == public.reader.size()
    assert compare(public.reader, EmbeddedIndex(path)) == (0, [])
    # what killed rebuilds left goes with the next one
    assert reindex(public.reader, EmbeddedIndex(path)) == public.reader.size()
    assert len(list(tmp_path.glob("index-*.db"))) == 1
