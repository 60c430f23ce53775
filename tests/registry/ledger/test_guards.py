"""What is compared with the store at the start, while another process goes on publishing."""

from pathlib import Path

from issuer.run.issue import issue
from registry.installation.office import Office
from registry.ledger.guards import check_store
from registry.log.checkpoint import Checkpoint
from registry.store.head_token import HeadToken
from tests.builders.command import surroundings
from tests.builders.ledger import STATES, extract, state


class MeanwhilePublished(HeadToken):
    """A token before each reading of which another process publishes what is new."""

    def __init__(self, path: Path, publisher: Office) -> None:
        super().__init__(path)
        self._publisher = publisher

    def read(self, log: str) -> Checkpoint | None:
        with self._publisher.publishing(lambda _line: None) as publish:
            publish()
        return super().read(log)


def test_a_token_that_advances_meanwhile_is_not_taken_for_an_old_store(filled: Office) -> None:
    """Else a run that begins beside the publisher ends with 78, now and then."""
    with filled.publishing(lambda _line: None) as publish:
        publish()
    issue(filled, "table", extract([*STATES, state("BC0000009", "LATER INC.", "9", "2020-05-06")]), surroundings("new"))
    token = MeanwhilePublished(filled.settings.head_token, Office(filled.settings))
    check_store(filled.store, token, [])
    token.close()
