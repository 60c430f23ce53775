"""What is posted with a @context that is odd, or that it brings along: answered, never a failure of the server."""

from typing import Any

import pytest

import schemas
from registry.credential.cryptosuites import EDDSA_JCS_2022
from tests.builders.stranger import KEY, altered, did_key, draft, signed, signed_with
from tests.builders.vc_client import PRESENT, VERIFY, posting, strangers, titles
from tests.search.verify.test_presentations import presentation, presented

OWN_TERM = {"ferry": "https://stranger.example/terms#ferry"}


@pytest.mark.parametrize("first", [{}, {"x": "urn:x"}, [], [schemas.CREDENTIALS_V2], None, 5, True, "", "urn:x"])
@pytest.mark.parametrize(("path", "name"), [(VERIFY, "verifiableCredential"), (PRESENT, "verifiablePresentation")])
def test_a_first_context_that_is_none_of_the_standards(path: str, name: str, first: Any) -> None:
    post = posting(strangers())
    made = signed(draft()) if path == VERIFY else presentation("theirs")
    good = post(path, {name: made, "options": {} if path == VERIFY else {"challenge": "theirs"}})
    assert (good.status_code, good.json()["verified"]) == (200, True)
    for contexts in (first, [first], [first, schemas.CREDENTIALS_V2]):
        if contexts == [schemas.CREDENTIALS_V2]:
            continue
        odd = altered(made, lambda copy, given=contexts: copy.update({"@context": given}))
        answer = post(path, {name: odd})
        assert (answer.status_code, answer.json()["verified"]) == (200, False)
        assert titles(answer.json())[0] == "PARSING_ERROR"


def test_a_presentation_may_bring_a_context_along() -> None:
    """Its names are its holder's own affair; what they mean is known where a JCS proof signs them."""
    post = posting(strangers())
    contexts = [schemas.CREDENTIALS_V2, OWN_TERM]
    usual = {"proofPurpose": "authentication", "challenge": "theirs", "domain": "office.example"}
    made = {"@context": contexts, "type": ["VerifiablePresentation"], "holder": did_key(KEY), "ferry": "x"}
    assert presented(post, signed_with(made, usual), challenge="theirs")["verified"]
    document = signed_with(made, {**usual, "@context": contexts}, suite=EDDSA_JCS_2022)
    assert presented(post, document, challenge="theirs")["verified"]
    meaning_another = [*contexts, {"ferry": "https://stranger.example/terms#bridge"}]
    for change in ({"ferry": "y"}, {"@context": [schemas.CREDENTIALS_V2]}, {"@context": meaning_another}):
        turned = altered(document, lambda copy, given=change: copy.update(given))
        assert not presented(post, turned, challenge="theirs")["verified"], change
