"""Bad requests: each file of `tests/badinput/http` is a list of requests with the status and code that they get.

A case: `name`; `method` (GET); `path`, sent as it is written; `path_repeat` ([text, times]), appended to it; `headers`;
`headers_repeat` ([name, text, times]); `body` (text) or `body_repeat` ([text, times]); `status`; `code`;
`answer_headers`, to be among the answer's.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from registry.installation.public import Public
from registry.installation.settings import from_environ
from search.app import create_app
from search.index.embedded import EmbeddedIndex
from search.index.follow import follow
from tests.builders.http_client import Client

FOLDER = Path(__file__).parents[2] / "badinput" / "http"
CASES = [
    pytest.param(case, id=f"{path.stem}: {case['name']}")
    for path in sorted(FOLDER.glob("*.json"))
    for case in json.loads(path.read_text("utf-8"))
]


@pytest.fixture(scope="module")
def client(live_installation, tmp_path_factory: pytest.TempPathFactory) -> Client:
    """The whole public app over the sample register."""
    public = Public(from_environ(live_installation.environ))
    index = EmbeddedIndex(tmp_path_factory.mktemp("badinput") / "index.db")
    follow(public.reader, index)
    return Client(create_app(public.reader, index))


@pytest.mark.parametrize("body", ["{", "{} {}", '{"a":' + "[" * 70, '{"v":1,"v":1}'])
def test_broken_json_that_may_have_been_evidence_is_not_well_formed(client: Client, body: str) -> None:
    headers = {"content-type": "application/json"}
    verdict = client.request("POST", "/api/v1/verify", headers=headers, content=body.encode()).json()
    assert (verdict["verdict"], verdict["steps"][0]["code"]) == ("failed", "malformed")


@pytest.mark.parametrize("case", CASES)
def test_bad_request(client: Client, case: dict[str, Any]) -> None:
    text, times = case.get("path_repeat", ("", 0))
    body, body_times = case.get("body_repeat", (case.get("body", ""), 1))
    headers = case.get("headers", {})
    if "headers_repeat" in case:
        header, value, header_times = case["headers_repeat"]
        headers = {**headers, header: value * header_times}
    answer = client.request(
        case.get("method", "GET"),
        case["path"] + text * times,
        headers=headers,
        content=(body * body_times).encode("utf-8", "surrogatepass"),
    )
    assert answer.status_code == case["status"]
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == case["code"]
    assert problem["status"] == case["status"]
    assert {"type", "title", "detail"} <= problem.keys()
    assert "Traceback" not in answer.text
    for name, value in case.get("answer_headers", {}).items():
        assert answer.headers[name] == value
