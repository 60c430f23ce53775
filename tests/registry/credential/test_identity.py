"""Every id that an installation prints is read back as what it was printed of; nothing else is read."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.credential.identity import Identity, make

IDENTITIES = [make("http://localhost:8000"), make("https://office.example/greffe/bc", "log.example")]
REGISTERS = st.from_regex(re.compile(r"[a-z0-9]{1,16}", re.ASCII), fullmatch=True)
NUMBERS = st.from_regex(re.compile(r"[A-Za-z0-9.-]{1,32}", re.ASCII), fullmatch=True)
COUNTS = st.integers(1, 999_999_999)


@given(st.sampled_from(IDENTITIES), REGISTERS, NUMBERS, COUNTS, st.sampled_from(["revocation", "suspension"]))
def test_what_is_printed_is_read_back(identity: Identity, register: str, number: str, n: int, purpose: str) -> None:
    assert identity.parse_credential_id(identity.credential_id(register, number, n)) == (register, number, n)
    assert identity.parse_status_list_id(identity.status_list_id(purpose, register, n)) == (purpose, register, n)
    assert identity.parse_organization_id(identity.organization_id(register, number)) == (register, number)
    assert identity.parse_issuer_did(identity.issuer_did(register)) == register


@given(st.sampled_from(IDENTITIES), st.text())
def test_what_is_read_prints_the_same(identity: Identity, text: str) -> None:
    for prefix in ("", identity.base_url, f"{identity.base_url}/credentials/", f"{identity.base_url}/status/"):
        credential = identity.parse_credential_id(prefix + text)
        assert credential is None or identity.credential_id(*credential) == prefix + text
        listed = identity.parse_status_list_id(prefix + text)
        assert listed is None or identity.status_list_id(*listed) == prefix + text


@pytest.mark.parametrize(
    "rest",
    [
        "/credentials/sample/BC1/0",
        "/credentials/sample/BC1/01",
        "/credentials/sample/BC1/+1",
        "/credentials/sample/BC1/١",
        "/credentials/sample/BC1/1/",
        "/credentials/sample/BC1/1\n",
        "/credentials/sample/BC1/1000000000",
        "/credentials/sample//1",
        "/credentials/sample/BC1",
        "/credentials/sample/BC/1/1",
        "s/credentials/sample/BC1/1",
    ],
)
def test_an_id_of_another_form_is_none_of_ours(rest: str) -> None:
    for identity in IDENTITIES:
        assert identity.parse_credential_id(identity.base_url + rest) is None
        assert identity.parse_credential_id(rest) is None
