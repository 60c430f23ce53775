"""Texts go out as gzip to whoever takes it; everybody else, and every other thing, gets what there is."""

import json
from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, JSONResponse, Response, StreamingResponse

from search.http.compressed import Compressed
from tests.builders.http_client import Client

PAGE = "<p>" + "words " * 400


def raw(path: str, **headers: str) -> tuple[Any, bytes]:
    app = FastAPI()
    app.get("/page")(lambda: HTMLResponse(PAGE, headers={"Vary": "Accept-Language"}))
    app.get("/short")(lambda: HTMLResponse("<p>short"))
    app.get("/data")(lambda: JSONResponse({"words": PAGE}, headers={"ETag": '"abc"'}))
    app.get("/bytes")(lambda: Response(PAGE, media_type="application/octet-stream"))
    app.get("/pieces")(lambda: StreamingResponse(iter([PAGE, PAGE]), media_type="text/html"))
    answer = Client(Compressed(app)).get(path, headers={"Accept-Encoding": "identity", **headers})
    return answer.headers, answer.content


def test_a_page_is_compressed_for_whoever_takes_it() -> None:
    headers, body = raw("/page", **{"Accept-Encoding": "gzip, br"})
    assert body.decode() == PAGE
    assert headers["content-encoding"] == "gzip"
    assert int(headers["content-length"]) < len(PAGE) / 3
    assert headers["vary"] == "Accept-Language, Accept-Encoding"


def test_json_is_too_and_its_etag_is_weak_since_the_bytes_differ() -> None:
    headers, body = raw("/data", **{"Accept-Encoding": "gzip"})
    assert json.loads(body) == {"words": PAGE}
    assert (headers["content-encoding"], headers["etag"]) == ("gzip", 'W/"abc"')
    headers, _ = raw("/data")
    assert (headers["etag"], headers["vary"]) == ('"abc"', "Accept-Encoding")


def test_nothing_else_is() -> None:
    assert raw("/page")[1].decode() == PAGE
    for path in ("/short", "/bytes", "/pieces"):
        headers, body = raw(path, **{"Accept-Encoding": "gzip"})
        assert "content-encoding" not in headers
        assert b"words" in body or body == b"<p>short"
