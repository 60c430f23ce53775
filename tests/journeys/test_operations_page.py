"""docs/operations.md, followed literally: every block in order, as root, in a fresh place with a systemd of its own."""

import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders.command import ROOT, SOAK
from tests.builders.page_follower import Block, Place, blocks, checkout_as_tar

PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
BLOCKS = blocks(PAGE)
NAMES = "registry.example witness.registry.example registry.university.example witness.university.example"

#: with the network still there: packages, wheels, the release unpacked, a database server without databases
_PREPARE = """
apt-get update -qq
apt-get install -y -qq --no-install-recommends {packages}
for cluster in /etc/postgresql/*/main; do
    version=$(basename "$(dirname "$cluster")")
    pg_dropcluster --stop "$version" main
    pg_createcluster "$version" main
done
mkdir -p /opt/greffe/source /opt/wheels-of-the-page
tar -x -C /opt/greffe/source -f {release}
chmod -R u=rwX,go=rX /opt/greffe
chown -R root:root /opt/greffe
python3 -m venv /opt/fetching
/opt/fetching/bin/pip download -q --only-binary :all: --require-hashes -d /opt/wheels-of-the-page {requirements}
rm -r /opt/fetching
printf '[global]\\nno-index = true\\nfind-links = /opt/wheels-of-the-page\\n' > /etc/pip.conf
printf '127.0.0.1 {names}\\n' >> /etc/hosts
"""


def packages() -> list[str]:
    """What the page installs by apt."""
    lines = re.findall(r"^apt-get install (.+)$", PAGE, re.M)
    return sorted({word for line in lines for word in line.split() if not word.startswith("-")})


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    if not SOAK:
        pytest.skip("the whole way along the page is `make soak`")
    requirements = sorted(set(re.findall(r"-r (?:/opt/greffe/source/)(requirements[a-z-]*\.txt)", PAGE)))
    with tempfile.TemporaryDirectory() as name:
        release = Path(name) / "release.tar"
        checkout_as_tar(release)
        script = _PREPARE.format(
            packages=" ".join(packages()),
            release=release,
            requirements=" ".join(f"-r /opt/greffe/source/{file}" for file in requirements),
            names=NAMES,
        )
        made = Place(script)
    try:
        yield made
    finally:
        made.close()


def test_every_command_of_the_page_does_what_it_says(place: Place) -> None:
    began = 0.0
    for block in BLOCKS:
        done = place.follow(block)
        began += done.seconds
        sys.stdout.write(f"line {block.line}, {block.section}: {done.seconds:.1f} s, exit {done.code}\n{block.text}\n")
        assert done.code == block.code, (
            f"docs/operations.md:{block.line}: exit {done.code}\n{block.text}\n{done.output[-3000:]}\n{place.journal()}"
        )
    sys.stdout.write(f"{len(BLOCKS)} blocks in {began:.0f} s\n")


def test_every_block_of_the_page_is_of_a_known_kind() -> None:
    for block in BLOCKS:
        assert block.language in {"sh", "ini", "nginx", "text"}, block
        assert block.language == "sh" or block.path, block
