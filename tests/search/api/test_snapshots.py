"""One answer, one snapshot: what is told of an organization is read from the ledger at a single moment."""

import math
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import sqlalchemy as sa

from issuer.actions.standing import change_one, revocation, suspension
from issuer.run.issue import issue
from registry.installation.office import Office
from registry.ledger.publish import publish
from registry.store.database import Store
from search.app import create_app
from search.http import checkpointed
from search.index.embedded import EmbeddedIndex
from search.index.follow import follow
from tests.builders.command import surroundings
from tests.builders.http_client import Client
from tests.builders.ledger import extract, state

FIVE = [state("BC0000005", f"STATE {n} LTD.", str(n), f"202{n}-01-01") for n in range(1, 6)]
ONE = [state("BC0000006", "ONLY STATE LTD.", "9", "2020-01-01")]
ADDRESSES = (
    "/en/organizations/sample/{}",
    "/fr/organizations/sample/{}/relationships",
    "/api/v1/organizations/sample/{}",
    "/api/v1/organizations/sample/{}/history",
    "/api/v1/organizations/sample/{}/credentials",
    "/api/v1/organizations/sample/{}/relationships",
)


@pytest.fixture
def client(office: Office, tmp_path: Path) -> Client:
    """Two organizations, of one credential and of five; of the five the second is revoked, the fourth suspended."""
    issue(office, "table", extract([*FIVE, *ONE]), surroundings())
    for n, change in ((2, revocation("fraud")), (4, suspension("under_review"))):
        change_one(office, "sample", "BC0000005", n, change, surroundings(f"change {n}"), dry_run=False)
    publish(office.store, office.log_keys.signers)
    index = EmbeddedIndex(tmp_path / "index.db")
    follow(office.reader, index)
    return Client(create_app(office.reader, index))


@pytest.fixture
def snapshots(client: Client, monkeypatch: pytest.MonkeyPatch) -> list[Store]:
    """The store, once for each snapshot that is opened after the app was made."""
    client.get("/livez")  # what every answer says in a header is read once in a while
    monkeypatch.setattr(checkpointed, "_SECONDS", math.inf)
    opened: list[Store] = []
    read = Store.read

    def counted(store: Store) -> AbstractContextManager[sa.Connection]:
        opened.append(store)
        return read(store)

    monkeypatch.setattr(Store, "read", counted)
    return opened


@pytest.mark.parametrize("number", ["BC0000005", "BC0000006"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_an_answer_opens_one_snapshot(client: Client, snapshots: list[Store], address: str, number: str) -> None:
    assert client.get(address.format(number)).status_code == 200
    assert len(snapshots) == 1


def test_each_credential_has_its_own_standing(client: Client, office: Office) -> None:
    for answer in ("history", "credentials"):
        items = client.get(f"/api/v1/organizations/sample/BC0000005/{answer}").json()["items"]
        assert [item["n"] for item in items if item["revoked"]] == [2]
        assert [item["n"] for item in items if item["suspended"]] == [4]
    records = office.reader.organization("sample", "BC0000005")
    assert office.reader.standings(records) == {records[1].index: "revoked", records[3].index: "suspended"}
    assert [office.reader.standing(record) for record in records] == [None, "revoked", None, "suspended", None]
