"""Following: each entry is proven before it is given, and a ledger that was another one is refused."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from greffe.client import (
    AsyncClient,
    BadAnswer,
    Behind,
    Client,
    Forked,
    Misused,
    NotFound,
    NotProven,
    Trust,
)

from client.connection import Connection
from registry.installation.office import Office
from registry.installation.settings import from_environ
from registry.log import checkpoint, note, tiles
from registry.log.checkpoint import Checkpoint
from registry.log.merkle import Frontier, leaf_hash
from search.app import create_app
from search.index.embedded import EmbeddedIndex
from tests.builders.between import Answer, at_paths, between
from tests.builders.command import Greffe
from tests.builders.ledger import copied
from tests.builders.own_loop import run_alone
from tests.builders.site import serving
from tests.builders.witnesses import policy

#: in the second of three bundles
MIDDLE = 300


class Ledger:
    """The live one: its entries, and what its key signs when somebody abuses it."""

    def __init__(self, base: str, greffe: Greffe) -> None:
        self.base = base
        self.trust = Trust.read(greffe.data / "trust.json")
        self.office = Office(from_environ(greffe.environ))
        self.signed = Connection(base).get("/checkpoint").decode()
        self.head = checkpoint.parse(note.parse(self.signed).text)
        self.bodies: list[bytes] = []
        for n in range(-(-self.head.size // tiles.WIDTH)):
            tile = tiles.Tile(None, n, tiles.width_of(None, n, self.head.size))
            self.bodies += tiles.unpack_bundle(Connection(base).get(f"/tile/{tile.print()}"))

    def checkpoint(self, size: int, root: bytes | None = None) -> str:
        frontier = Frontier()
        frontier.extend([leaf_hash(body) for body in self.bodies[:size]])
        head = Checkpoint(self.head.origin, size, root or frontier.root())
        return checkpoint.sign(head, *self.office.log_keys.signers.ledger)


@pytest.fixture(scope="module")
def ledger(live_server: str, live_installation: Greffe) -> Ledger:
    return Ledger(live_server, live_installation)


@pytest.fixture(scope="module")
def client(ledger: Ledger) -> Client:
    return Client(ledger.base, ledger.trust)


def test_the_ledger_is_followed_from_its_beginning_and_from_any_checkpoint(client: Client, ledger: Ledger) -> None:
    growth = client.follow()
    assert (growth.old, growth.new, growth.checkpoint) == (0, ledger.head.size, ledger.signed)
    assert growth.new > 2 * tiles.WIDTH
    assert [entry.print() for entry in growth] == ledger.bodies
    later = client.follow(ledger.checkpoint(MIDDLE))
    assert [entry.print() for entry in later] == ledger.bodies[MIDDLE:]
    assert next(iter(client.follow(ledger.checkpoint(tiles.WIDTH)))).index == tiles.WIDTH
    nothing = client.follow(growth.checkpoint)
    assert (nothing.old, nothing.new, list(nothing)) == (growth.new, growth.new, [])


def test_asyncio_has_the_same(ledger: Ledger) -> None:
    async def follow() -> list[int]:
        growth = await AsyncClient(ledger.base, ledger.trust).follow(ledger.checkpoint(MIDDLE))
        assert (growth.old, growth.checkpoint) == (MIDDLE, ledger.signed)
        return [entry.index async for entry in growth]

    assert run_alone(follow()) == list(range(MIDDLE, ledger.head.size))


@pytest.fixture(scope="module")
def small(filled_installation: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Office]]:
    office = copied(filled_installation, tmp_path_factory.mktemp("small") / "data")
    with serving(create_app(office.reader, EmbeddedIndex(tmp_path_factory.mktemp("none") / "index.db"))) as base:
        yield base, office


def test_a_ledger_of_less_than_a_bundle_is_followed_too(small: tuple[str, Office]) -> None:
    base, office = small
    growth = Client(base, Trust.read(office.settings.trust_file)).follow()
    assert 0 < growth.new < tiles.WIDTH
    assert [entry.index for entry in growth] == list(range(growth.new))


@pytest.mark.parametrize("size", [MIDDLE, None], ids=["before", "same"])
def test_a_ledger_that_forks_is_refused_with_both_checkpoints(client: Client, ledger: Ledger, size: int | None) -> None:
    known = ledger.checkpoint(size or ledger.head.size, b"\1" * 32)
    with pytest.raises(Forked) as refused:
        client.follow(known)
    assert (refused.value.known, refused.value.shown) == (known, ledger.signed)


def test_a_site_that_shows_less_than_was_seen_is_behind(client: Client, ledger: Ledger) -> None:
    with pytest.raises(Behind):
        client.follow(ledger.checkpoint(ledger.head.size + 1, b"\1" * 32))


def unproven(body: bytes) -> bytes:
    """Another consistency proof than the right one."""
    proof = json.loads(body)
    return json.dumps({**proof, "hashes": proof["hashes"][::-1]}).encode()


def test_a_site_that_cannot_prove_its_growth_is_refused(ledger: Ledger) -> None:
    with between(ledger.base, at_paths("/proof/consistency", unproven)) as base, pytest.raises(Forked):
        Client(base, ledger.trust).follow(ledger.checkpoint(MIDDLE))

    def none(path: str, answer: Answer) -> Answer:
        return (404, {}, b"") if "consistency" in path else answer

    with between(ledger.base, none) as base, pytest.raises(NotProven) as refused:
        Client(base, ledger.trust).follow(ledger.checkpoint(MIDDLE))
    assert not isinstance(refused.value, Forked), "a mirror without proofs is no fork"


def changed(body: bytes) -> bytes:
    other = body.replace(b'"effective":"19', b'"effective":"18', 1)
    assert other != body
    return other


def cut(body: bytes) -> bytes:
    return body[:-1]


def without_the_last(body: bytes) -> bytes:
    return body[: -2 - len(tiles.unpack_bundle(body)[-1])]


@pytest.mark.parametrize("lie", [changed, cut, without_the_last])
def test_no_entry_is_given_of_a_bundle_that_is_not_the_ledger_s(ledger: Ledger, lie: Callable[[bytes], bytes]) -> None:
    with between(ledger.base, at_paths("/tile/entries/001", lie)) as base:
        entries = iter(Client(base, ledger.trust).follow())
        given = [next(entries).index for _ in range(tiles.WIDTH)]
        assert given == list(range(tiles.WIDTH)), "control: the bundle before is given"
        with pytest.raises(NotProven):
            next(entries)


@pytest.mark.parametrize("lie", [lambda body: body[:32], lambda body: b"\0" * len(body)], ids=["short", "other"])
def test_tiles_that_are_not_those_of_the_known_checkpoint_are_refused(
    ledger: Ledger, lie: Callable[[bytes], bytes]
) -> None:
    growth_of = ledger.checkpoint(MIDDLE)
    with between(ledger.base, at_paths("/tile/0/001", lie)) as base, pytest.raises(NotProven):
        next(iter(Client(base, ledger.trust).follow(growth_of)))


def test_a_checkpoint_that_the_ledger_did_not_sign_is_refused(client: Client, ledger: Ledger) -> None:
    for lie in (
        lambda body: body.replace(b"\n1", b"\n2", 1),
        lambda _body: b"x",
        lambda body: body.partition(b"\n\n")[0],
    ):
        with between(ledger.base, at_paths("/checkpoint", lie)) as base, pytest.raises(NotProven):
            Client(base, ledger.trust).follow()
    with between(ledger.base, at_paths("/checkpoint", lambda _body: b"\xff")) as base, pytest.raises(BadAnswer):
        Client(base, ledger.trust).follow()
    with pytest.raises(Misused):
        client.follow(ledger.signed.replace(str(ledger.head.size), "7", 1))


def test_a_checkpoint_that_no_witness_cosigned_is_refused_where_the_trust_file_asks_for_one(ledger: Ledger) -> None:
    document = {**ledger.trust.parsed.document, "witnessPolicy": policy(ledger.office)}
    with pytest.raises(NotProven, match="witness"):
        Client(ledger.base, Trust.of(json.dumps(document).encode())).follow()


def test_a_mirror_that_dropped_a_partial_tile_has_the_whole_one(ledger: Ledger) -> None:
    def grown(path: str, answer: Answer) -> Answer:
        if ".p/" in path:
            return (404, {}, b"")
        if "/tile/" in path and answer[0] == 404:
            whole = b"".join(
                len(body).to_bytes(2, "big") + body for body in ledger.bodies[-(ledger.head.size % tiles.WIDTH) :]
            )
            return (200, {}, whole + b"\0\1x")
        return answer

    with between(ledger.base, grown) as base:
        assert len(list(Client(base, ledger.trust).follow())) == ledger.head.size


def test_a_site_without_tiles_gives_nothing(ledger: Ledger) -> None:
    def none(path: str, answer: Answer) -> Answer:
        return (404, {}, b"") if "/tile/" in path else answer

    with between(ledger.base, none) as base, pytest.raises(NotFound):
        list(Client(base, ledger.trust).follow())
