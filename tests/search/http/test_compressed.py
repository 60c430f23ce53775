"""Pages go out as gzip to whoever takes it; everything else, and everybody else, gets what there is."""

from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse

from search.http.compressed import CompressedPages
from tests.builders.http_client import Client

PAGE = "<p>" + "words " * 400


def raw(path: str, **headers: str) -> tuple[Any, bytes]:
    app = FastAPI()
    app.get("/page")(lambda: HTMLResponse(PAGE, headers={"Vary": "Accept-Language"}))
    app.get("/short")(lambda: HTMLResponse("<p>short"))
    app.get("/data")(lambda: JSONResponse({"words": PAGE}))
    app.get("/pieces")(lambda: StreamingResponse(iter([PAGE, PAGE]), media_type="text/html"))
    answer = Client(CompressedPages(app)).get(path, headers={"Accept-Encoding": "identity", **headers})
    return answer.headers, answer.content


def test_a_page_is_compressed_for_whoever_takes_it() -> None:
    headers, body = raw("/page", **{"Accept-Encoding": "gzip, br"})
    assert body.decode() == PAGE
    assert headers["content-encoding"] == "gzip"
    assert int(headers["content-length"]) < len(PAGE) / 3
    assert headers["vary"] == "Accept-Language, Accept-Encoding"


def test_nothing_else_is() -> None:
    assert raw("/page")[1].decode() == PAGE
    for path in ("/short", "/data", "/pieces"):
        headers, body = raw(path, **{"Accept-Encoding": "gzip"})
        assert "content-encoding" not in headers
        assert b"words" in body or body == b"<p>short"
