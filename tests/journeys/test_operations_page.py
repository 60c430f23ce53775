"""docs/operations.md, followed literally: every block in order, as root, in a fresh place with a systemd of its own."""

import ast
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

import greffe
from tests.builders.command import ROOT, SOAK, require
from tests.builders.page_follower import Block, Place, blocks, checkout_as_tar

PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
BLOCKS = blocks(PAGE)
#: the search node that tests have: `tools/install_peers.py` builds it
NODE = ROOT / "tests" / "searchnode" / "target"
NAMES = "greffe.example witness.greffe.example greffe.university.example witness.university.example"

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
mkdir /opt/search-node
cp -r {node}/classes {node}/lib /opt/search-node
printf '[global]\\nno-index = true\\nfind-links = /opt/wheels-of-the-page\\n' > /etc/pip.conf
printf '127.0.0.1 {names}\\n' >> /etc/hosts
"""

#: what the other office does meanwhile: before the first block that has these words
ELSEWHERE = {
    "/etc/nginx/sites-available/greffe-witness": r"""
umask 022
mkdir -p /srv/university
cd /srv/university
export GREFFE_DATA=/srv/university/data GREFFE_BASE_URL=https://greffe.university.example PORT=9000
greffe=/opt/greffe/venv/bin/greffe
name=witness.university.example
$greffe init
$greffe log keys --json | grep -o '"vkey": "[^"]*"' | cut -d'"' -f4 > /etc/greffe/university.logs
$greffe witness --name $name/greffe --data witness --print-key > /etc/greffe/university.witness
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=$name -addext subjectAltName=DNS:$name -keyout key.pem -out c.pem
cp c.pem /usr/local/share/ca-certificates/university.crt
update-ca-certificates
cat > /etc/nginx/sites-enabled/university <<END
server {
    listen 443 ssl;
    server_name $name;
    ssl_certificate /srv/university/c.pem;
    ssl_certificate_key /srv/university/key.pem;
    location /greffe/ { proxy_pass http://127.0.0.1:9002/; }
}
END
logs=$(sed 's/^/--log /' ~/greffe.logs | tr '\n' ' ')
systemd-run --quiet --unit university-witness --working-directory /srv/university bash -c \
    "exec $greffe witness --name $name/greffe --data witness --port 9002 $logs"
systemctl reload nginx
""",
    "GREFFE_SEARCH_URL=http://127.0.0.1:9200": r"""
mkdir -p /srv/search-node
path='/opt/search-node/classes:/opt/search-node/lib/*'
systemd-run --quiet --unit search-node --working-directory /srv/search-node bash -c \
    "sleep infinity | java -Xmx512m -cp '$path' org.elasticsearch.node.TestNode . http.port=9200"
for _ in $(seq 240); do curl -sf http://127.0.0.1:9200/_cluster/health && exit 0; sleep 0.5; done
exit 1
""",
    "greffe publish\ngreffe log retire ledger 1\n": r"""
systemctl stop university-witness
logs=$(sed 's/^/--log /' ~/greffe.logs | tr '\n' ' ')
systemd-run --quiet --unit university-witness-again --working-directory /srv/university bash -c \
    "exec /opt/greffe/venv/bin/greffe witness --name witness.university.example/greffe --data witness --port 9002 \
    $logs"
for _ in $(seq 100); do curl -sf http://127.0.0.1:9002/forks && exit 0; sleep 0.2; done
exit 1
""",
}


def packages() -> list[str]:
    """What the page installs by apt."""
    lines = re.findall(r"^apt-get install (.+)$", PAGE, re.M)
    return sorted({word for line in lines for word in line.split() if not word.startswith("-")})


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    if not SOAK:
        pytest.skip("the whole way along the page is `make soak`")
    require((NODE / ".built-from").exists(), "the search node (tools/install_peers.py builds it with Maven)")
    requirements = sorted(set(re.findall(r"-r (?:/opt/greffe/source/)(requirements[a-z-]*\.txt)", PAGE)))
    with tempfile.TemporaryDirectory() as name:
        release = Path(name) / "release.tar"
        checkout_as_tar(release)
        script = _PREPARE.format(
            packages=" ".join(packages()),
            release=release,
            requirements=" ".join(f"-r /opt/greffe/source/{file}" for file in requirements),
            names=NAMES,
            node=NODE,
        )
        made = Place(script)
    try:
        yield made
    finally:
        made.close()


def test_every_command_of_the_page_does_what_it_says(place: Place) -> None:
    seconds = 0.0
    meanwhile = dict(ELSEWHERE)
    for block in BLOCKS:
        for words in [words for words in meanwhile if words in (block.path or block.text)]:
            place.run(meanwhile.pop(words))
        done = place.follow(block)
        seconds += done.seconds
        sys.stdout.write(f"line {block.line}, {block.section}: {done.seconds:.1f} s, exit {done.code}\n{block.text}\n")
        assert done.code == block.code, (
            f"docs/operations.md:{block.line}: exit {done.code}\n{block.text}\n{done.output[-3000:]}\n{place.journal()}"
        )
    assert not meanwhile, "the page says no longer what the other office waits for"
    sys.stdout.write(f"{len(BLOCKS)} blocks in {seconds:.0f} s\n")


def test_every_block_of_the_page_is_of_a_known_kind() -> None:
    for block in BLOCKS:
        assert block.language in {"sh", "ini", "nginx", "text"}, block
        assert block.language == "sh" or block.path, block


@pytest.mark.parametrize(
    "block", [block for block in BLOCKS if block.language == "sh"], ids=lambda block: str(block.line)
)
def test_every_block_is_a_script(block: Block) -> None:
    done = subprocess.run(["bash", "-n", "-c", block.text], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def unknown(call: str) -> set[str]:
    """What of a call of greffe, such as "greffe keys list --json", does not exist."""
    app = typer.main.get_command(greffe.commands())
    command: Any = app
    words = call.split()[1:]
    while hasattr(command, "commands") and words:
        word = words.pop(0)
        if word not in command.commands:
            return {word}
        command = command.commands[word]
    if command.name == "correct":  # its fields are options too
        return set()
    options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    return {word.split("=")[0] for word in words if re.match(r"--?[a-z]", word)} - options


def test_every_command_and_option_of_the_page_exists() -> None:
    texts = [block.text.replace("\\\n", " ") for block in BLOCKS if block.language in ("sh", "ini")]
    texts = [re.sub(r"\$\([^()]*\)", "WORD", text) for text in texts]
    calls = [
        call for text in texts for call in re.findall(r"(?:^|[ (/])(greffe [a-z]+(?![\w.])[^|;)>\n]*)", text, re.M)
    ]
    calls = [call for call in calls if not call.startswith(("greffe greffe", "greffe -"))]
    quoted = re.findall(r"`(greffe [a-z][^`]*)`", PAGE)
    assert len(calls) > 50
    assert {call: unknown(call) for call in (*calls, *quoted) if unknown(call)} == {}


def test_control_what_does_not_exist_is_noticed() -> None:
    assert unknown("greffe keys forget") == {"forget"}
    assert unknown("greffe issue --sources table") == {"--sources"}


#: errors by which a command or a service ends for the installation's state: each has its line in the last table
ENDING = {"Refused", "StorageFailed", "LedgerDamaged", "Conflict", "NotPublished"}
#: told to programs over HTTP, or within a run; their message says all there is to do
WITHOUT_A_LINE = {
    "body_missing",
    "challenges_full",
    "closing",
    "head_moved",
    "held_changed",
    "issuer_unknown",
    "log_keys",
    "matcher_down",
    "not_approvable",
    "overloaded",
    "revoked",
    "verifier_down",
}


def codes_of(kinds: set[str]) -> set[str]:
    """The codes that errors of those kinds are made with, in all sources."""
    codes = set()
    for room in ("registry", "issuer", "search"):
        for path in (ROOT / room).rglob("*.py"):
            for call in ast.walk(ast.parse(path.read_text("utf-8"))):
                if (
                    isinstance(call, ast.Call)
                    and isinstance(call.func, ast.Name)
                    and call.func.id in kinds
                    and call.args
                ):
                    first = call.args[0]
                    codes |= {first.value} if isinstance(first, ast.Constant) else set()
    return codes


def test_the_table_of_errors_has_every_code_and_no_other() -> None:
    rows = re.findall(r"^\| (.+?) \|", PAGE[PAGE.index("## 11.") :], re.M)
    listed = {code for row in rows for code in re.findall(r"`([a-z]+(?:_[a-z]+)*)`(?! exits)(?! fails)", row)}
    sources = "\n".join(
        path.read_text("utf-8") for room in ("registry", "issuer", "search") for path in (ROOT / room).rglob("*.py")
    )
    assert {code for code in listed if f'"{code}"' not in sources and f": {code}: " not in sources} == set()
    assert codes_of(ENDING) - listed - WITHOUT_A_LINE == set()
