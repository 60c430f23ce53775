"""The public log: a stranger rebuilds the whole tree from tiles and bundles, at every width, and sees only what is published."""

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer.run.issue import issue
from registry.errors import Malformed, NotFound
from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.installation.settings import from_environ
from registry.ledger.publish import Cosigned, Prove, publish
from registry.log import checkpoint, map_log, note, proof_text, tiles
from registry.log.merkle import check_consistency, check_inclusion, leaf_hash, root_of
from registry.log.tiles import Tile, parse_tile
from sample_data.make_expected import fixed_bytes as seeded
from search.app import create_app
from search.index.embedded import EmbeddedIndex
from tests.builders.command import surroundings
from tests.builders.http_client import Client
from tests.builders.ledger import extract, state
from tests.builders.witnesses import NAME, OneWitness, publish_witnessed


@given(st.integers(0, 63) | st.none(), st.integers(0, 10**15), st.integers(1, 256))
def test_tile_paths_print_and_parse(level: int | None, n: int, width: int) -> None:
    assert parse_tile(Tile(level, n, width).print()) == Tile(level, n, width)


def test_paths_of_the_specification() -> None:
    assert Tile(0, 1234067).print() == "0/x001/x234/067"
    assert Tile(None, 5, 112).print() == "entries/005.p/112"
    assert [tiles.width_of(level, n, 70_000) for level, n in ((0, 272), (0, 273), (1, 0), (1, 1), (2, 0))] == [
        256, 112, 256, 17, 1,
    ]  # fmt: skip


OTHER_FORMS = (
    "0/1 0/0001 00/000 64/000 0/x000/001 0/000.p/0 0/000.p/256 0/000.p/257 0/000.p/01 0/000/ data/000 0/x001 0/٠٠٠"
)


@pytest.mark.parametrize("path", ["", *OTHER_FORMS.split()])
def test_other_forms_of_a_path_are_refused(path: str) -> None:
    with pytest.raises(Malformed):
        parse_tile(path)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return grown_log({"GREFFE_DATA": str(tmp_path_factory.mktemp("log") / "data")})


def grown_log(environ: dict[str, str]) -> Office:
    """A ledger published at 403 entries and grown to 702 without another checkpoint."""
    office = initialize(from_environ(environ), seeded("keys"))
    for count in (400, 700):
        states = [state(f"BC{n:07d}", f"{n} B.C. LTD.", "1", "2020-01-01") for n in range(count)]
        issue(office, "table", extract(states), surroundings(str(count)))
        if count == 400:
            publish(office.store, office.log_keys.signers)
    return office


def test_a_stranger_rebuilds_the_tree_from_bundles_and_tiles(log: Office) -> None:
    public = log.reader.log
    head = checkpoint.parse(note.parse(log.reader.checkpoint()).text)
    assert head.size == 403
    bundle = public.tile("entries/000") + public.tile("entries/001.p/147")
    leaves = []
    while bundle:
        length = int.from_bytes(bundle[:2], "big")
        leaves.append(leaf_hash(bundle[2 : 2 + length]))
        bundle = bundle[2 + length :]
    assert root_of(leaves) == head.root
    assert public.tile("0/000") + public.tile("0/001.p/147") == b"".join(leaves)
    assert public.tile("0/000.p/7") == b"".join(leaves[:7]), "every smaller width stays servable"
    assert public.tile("1/000.p/1") == root_of(leaves[:256])


@pytest.mark.parametrize(
    "path", ["0/001.p/148", "0/001", "0/002.p/1", "1/000.p/2", "1/000", "2/000.p/1", "entries/001.p/148"]
)
def test_nothing_beyond_the_checkpoint_is_handed_out(log: Office, path: str) -> None:
    with pytest.raises(NotFound):
        log.reader.log.tile(path)


def test_proofs_hold_at_every_published_size(log: Office) -> None:
    public = log.reader.log
    leaves = [
        public.tile(f"0/{n // 256:03d}.p/{n % 256 + 1}" if n % 256 < 255 else f"0/{n // 256:03d}")[-32:]
        for n in range(403)
    ]
    for size in (1, 2, 255, 256, 257, 403):
        for index in {0, size // 2, size - 1}:
            proof = public.inclusion(index, size)
            check_inclusion(index, size, leaves[index], proof.hashes, root_of(leaves[:size]))
            assert proof.root == root_of(leaves[:size])
        proof = public.consistency(size)
        check_consistency(size, 403, root_of(leaves[:size]), proof.root, proof.hashes)


def test_over_http(log: Office) -> None:
    client = Client(create_app(log.reader, EmbeddedIndex(log.settings.index)))
    tile = client.request("GET", "/tile/0/001.p/147")
    assert (tile.status_code, len(tile.content)) == (200, 147 * 32)
    assert tile.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert client.request("GET", "/tile/0/001").json()["code"] == "tile_unknown"
    proof = client.request("GET", "/api/v1/proof/inclusion?index=5").json()
    root, leaf = base64.b64decode(proof["root"]), client.request("GET", "/tile/0/000").content[5 * 32 : 6 * 32]
    check_inclusion(5, proof["size"], leaf, [base64.b64decode(value) for value in proof["hashes"]], root)
    grown = client.request("GET", "/api/v1/proof/consistency?from=100").json()
    assert (grown["from"], grown["size"]) == (100, 403)
    for path in ("inclusion?index=403", "inclusion?index=1&size=404", "consistency?from=1&to=404"):
        assert client.request("GET", f"/api/v1/proof/{path}").status_code == 404
    assert client.request("GET", "/api/v1/proof/consistency?from=300&to=200").status_code == 400


def test_a_tlog_proof_over_http(log: Office) -> None:
    """One file that any reader of the format can check, with the cosigned checkpoint in it."""
    client = Client(create_app(log.reader, EmbeddedIndex(log.settings.index)))
    answer = client.request("GET", "/api/v1/proof/tlog-proof?index=5")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    proof = proof_text.parse(answer.text)
    head = checkpoint.check(proof.checkpoint, [log.log_keys.genesis])
    leaf = client.request("GET", "/tile/0/000").content[5 * 32 : 6 * 32]
    check_inclusion(5, head.size, leaf, proof.hashes, head.root)
    for index, code in ((403, "not_published"), (9999, "entry_unknown")):
        assert client.request("GET", f"/api/v1/proof/tlog-proof?index={index}").json()["code"] == code


def test_the_checkpoints_over_http(tmp_path: Path) -> None:
    """What too few have cosigned is pending: the public goes on seeing the one before."""
    office = initialize(from_environ({"GREFFE_DATA": str(tmp_path / "data")}), seeded("keys"))
    client = Client(create_app(office.reader, EmbeddedIndex(office.settings.index)))
    for path in ("/checkpoint", "/checkpoint/pending", "/index/checkpoint", "/index/checkpoint/pending"):
        assert client.request("GET", path).json()["code"] == "not_published"
    issue(office, "table", extract([state("BC0000001", "1 B.C. LTD.", "1", "2020-01-01")]), surroundings("one"))
    publish_witnessed(office)
    shown = client.request("GET", "/checkpoint")
    assert shown.headers["cache-control"] == "public, max-age=5"
    assert f"\n— {NAME} " in shown.text
    pending = client.request("GET", "/checkpoint/pending")
    assert pending.headers["cache-control"] == "no-store"
    assert note.parse(pending.text).text == note.parse(shown.text).text

    issue(office, "table", extract([state("BC0000900", "900 B.C. LTD.", "1", "2020-01-01")]), surroundings("two"))
    publish(office.store, office.log_keys.signers, witnesses=NoWitness())
    assert client.request("GET", "/checkpoint").text == shown.text
    newest = checkpoint.parse(note.parse(client.request("GET", "/checkpoint/pending").text).text)
    assert newest.size == checkpoint.parse(note.parse(shown.text).text).size + 1
    assert client.request("GET", f"/tile/entries/000.p/{newest.size}").status_code == 404


class NoWitness(OneWitness):
    """Nobody answers."""

    def cosigned(self, signed: str, shown: str | None, prove: Prove) -> Cosigned:
        return Cosigned(signed, is_met=False, is_whole=False)


def test_the_log_of_the_map_over_http(log: Office) -> None:
    client = Client(create_app(log.reader, EmbeddedIndex(log.settings.index)))
    head = checkpoint.check(client.request("GET", "/index/checkpoint").text, trusted(log))
    assert (head.origin, head.size) == ("localhost:8000/index", 1)
    bundle = client.request("GET", "/index/tile/entries/000.p/1")
    leaf = bundle.content[2:]
    assert int.from_bytes(bundle.content[:2], "big") == len(leaf)
    assert leaf_hash(leaf) == head.root == client.request("GET", "/index/tile/0/000.p/1").content
    assert bundle.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert map_log.parse(leaf).head == checkpoint.parse(note.parse(log.reader.checkpoint()).text)
    assert client.request("GET", "/index/tile/0/000.p/2").json()["code"] == "tile_unknown"


def trusted(office: Office) -> list[note.VerifierKey]:
    """The keys of the map's log."""
    return [note.parse_vkey(text) for text in office.reader.trust()["indexKeys"]]
