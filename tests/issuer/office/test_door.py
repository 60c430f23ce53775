"""The door of the office's app: who is let in, what is too much, what is told when something goes wrong."""

import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from issuer.office.app import create_office_app
from issuer.office.door import BODY_BYTES, read_token
from registry.errors import LedgerDamaged, Refused
from registry.installation.office import Office
from tests.builders.command import Greffe, free_port, surroundings
from tests.builders.http_client import Client
from tests.builders.office import ISSUE, LISTS, STANDING, TOKEN, draft, posting, standing
from tests.registry.foreign.test_odd_members import ODD, places, replaced


@pytest.mark.parametrize(
    ("content", "status_code", "code"),
    [
        (b"", 400, "json"), (b"[]", 400, "json"), (b"\xff", 400, "encoding"), (b"[" * 100, 400, "json_limits"),
        (b'{"credential": {}, "credential": {}}', 400, "json_strict"), (b'{"credential": {"x": 1.5}}', 400, "json_strict"),
        (b" " * (BODY_BYTES + 1), 413, "body_too_large"),
    ],
)  # fmt: skip
def test_what_is_no_json_of_ours_is_refused(filled: Office, content: bytes, status_code: int, code: str) -> None:
    answer = posting(filled)(ISSUE, content=content, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (status_code, code)


@pytest.mark.parametrize("path", [ISSUE, STANDING, LISTS, "/nothing"])
@pytest.mark.parametrize("given", [None, "", "x" * 43, TOKEN + "t", TOKEN[:-1], "tötößen"])
def test_nobody_is_let_in_without_the_token(filled: Office, path: str, given: str | None) -> None:
    headers = {} if given is None else {"Authorization": f"Bearer {given}".encode()}
    answer = posting(filled, None)(path, {"credential": draft(filled)}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "token")
    assert answer.headers["www-authenticate"].startswith("Bearer ")
    assert posting(filled)(ISSUE, {"credential": draft(filled)}).status_code == 201


@pytest.mark.parametrize("value", [TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}, Bearer {TOKEN}", f"Bearer  x{TOKEN}"])
def test_the_token_stands_alone_behind_its_scheme(filled: Office, value: str) -> None:
    assert posting(filled, None)(ISSUE, {}, headers={"Authorization": value}).status_code == 401
    assert posting(filled, None)(ISSUE, {}, headers={"Authorization": f"bearer {TOKEN}"}).status_code == 400


@pytest.mark.parametrize(
    "host",
    ["other.example", "localhost.other.example", "", "[", "localhost@other.example", "x@localhost", "localhost:x"],
)
def test_another_host_is_refused(filled: Office, host: str) -> None:
    assert posting(filled)(ISSUE, {}, headers={"Host": host}).json()["code"] == "host"
    for own in ("localhost", "127.0.0.1:8001", "[::1]:8001", "localhost:8000"):
        assert posting(filled)(ISSUE, {}, headers={"Host": own}).json()["code"] == "member_missing"


@pytest.mark.parametrize("path", [ISSUE, STANDING, LISTS])
def test_an_odd_member_is_refused_never_a_failure(filled: Office, path: str) -> None:
    """Every member of a request, replaced by every odd thing."""
    post = posting(filled)
    body: dict[str, Any] = {
        ISSUE: {"credential": draft(filled), "options": {"approveHeld": True}},
        STANDING: {**standing(filled, "suspension", True), "options": {"reason": "fraud"}},
        LISTS: {"statusPurpose": "revocation", "options": {"register": "sample"}},
    }[path]
    size = filled.reader.size()
    answers = {}
    for at in places(body):
        for odd in ODD:
            answer = post(path, replaced(body, at, odd))
            may_be_meant = odd in (True, {}, "urn:x")  # a status, no options, a name
            if answer.status_code == 500 or (answer.status_code < 400 and not may_be_meant):
                answers[(*at, repr(odd))] = answer.text
    assert answers == {}
    assert filled.reader.size() - size < 4
    assert post(path, body).status_code in (200, 201)


def test_other_addresses_and_methods(filled: Office) -> None:
    client = Client(create_office_app(filled, surroundings(), TOKEN))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert (client.get("/livez").status_code, client.get("/livez").text) == (200, "ok\n")
    for path in ("/", "/docs", "/redoc", "/credentials/issue/"):
        assert client.get(path, headers=headers).json()["code"] == "not_found"
    answer = client.get(ISSUE, headers=headers)
    assert (answer.status_code, answer.json()["code"], answer.headers["allow"]) == (405, "method_not_allowed", "POST")
    assert client.request("POST", f"{ISSUE}?x=1", headers=headers).json()["code"] == "unknown_parameter"
    zipped = {**headers, "Content-Encoding": "gzip", "Content-Type": "application/json"}
    assert client.request("POST", ISSUE, headers=zipped, content=b"{}").status_code == 415
    plain = {**headers, "Content-Type": "text/plain"}
    assert client.request("POST", ISSUE, headers=plain, content=b"{}").json()["code"] == "media_type"
    preflight = {"Origin": "https://other.example", "Access-Control-Request-Method": "POST"}
    answer = client.request("OPTIONS", ISSUE, headers=preflight)
    assert answer.status_code == 401
    assert "access-control-allow-origin" not in answer.headers


def test_what_goes_wrong_is_logged_without_the_token(
    filled: Office, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(_self: Office) -> Any:
        raise LedgerDamaged("head_damaged", "the hashes do not fit")

    monkeypatch.setattr(Office, "writing", damaged)
    answer = posting(filled)(ISSUE, {"credential": draft(filled)})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert answer.json()["request_id"] in caplog.text
    assert "hashes do not fit" in caplog.text
    assert "hashes do not fit" not in answer.text
    assert TOKEN not in caplog.text


def test_the_token_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "office-token"
    token = read_token(path)
    assert (read_token(path), len(token) >= 43, path.stat().st_mode & 0o777) == (token, True, 0o600)
    path.chmod(0o640)
    with pytest.raises(Refused, match="chmod"):
        read_token(path)
    path.chmod(0o600)
    path.write_text("short\n", "utf-8")
    with pytest.raises(Refused, match="less than"):
        read_token(path)


def test_the_command_serves_it_on_the_port_after_the_sites(greffe: Greffe) -> None:
    port = free_port()
    greffe.environ["PORT"] = str(port - 1)
    greffe("init")
    process = greffe.start("office")
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"http://127.0.0.1:{port}/livez", timeout=5).text == "ok\n":
                    break
            except httpx.TransportError:
                time.sleep(0.1)
        address = f"http://127.0.0.1:{port}{ISSUE}"
        assert httpx.post(address, json={}, timeout=5).status_code == 401
        token = (greffe.data / "keys" / "office-token").read_text("utf-8").strip()
        answer = httpx.post(address, json={}, timeout=5, headers={"Authorization": f"Bearer {token}"})
        assert answer.json()["code"] == "member_missing"
        assert (greffe.data / "keys" / "office-token").stat().st_mode & 0o777 == 0o600
    finally:
        process.terminate()
        process.wait(30)
