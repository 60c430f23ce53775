"""The pages over a `SmallRegistry` and a real embedded index, as an app and as a server on a free port."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import HTTPException
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import ASGIApp

from registry.errors import NotPublished
from schemas.organization import Address, Event, Name, Relationship, State
from search.api.organizations import organizations_router
from search.index.embedded import EmbeddedIndex
from search.pages.routes import pages_router
from search.pages.site import Site
from search.question.document import document_from
from search.verify.judge import PostedVerifier
from tests.builders.reader import SmallRegistry

FIRST = State(
    register="sample",
    number="BC0000001",
    entity_type="BC",
    legal_name="PACIFIC NORTHWEST WIDGETS LTD.",
    status="Active",
    register_status="ACT",
    registered_on="1998-02-03",
    jurisdiction="CA-BC",
    names=(Name("PACIFIC NORTHWEST WIDGETS LTD.", "legal", since="1998-02-03"),),
    event=Event("CONVICORP", id="7", filing="ICORP", effective="1998-02-03"),
)
SECOND = State(
    register="sample",
    number="BC0000001",
    entity_type="BC",
    legal_name="ÉRABLE  & Fils Ltée",
    status="Active",
    register_status="ACT",
    registered_on="1998-02-03",
    jurisdiction="CA-BC",
    business_number="123456789BC0001",
    names=(
        Name("ÉRABLE  & Fils Ltée", "legal", "fr", since="2016-07-21"),
        Name("PACIFIC NORTHWEST WIDGETS LTD.", "former", since="1998-02-03", until="2016-07-21"),
    ),
    addresses=(Address("RG", "1200 – 999 Hastings St W", "Vancouver", "BC", "V6C 2W2", "CA"),),
    relationships=(
        Relationship("amalgamatedFrom", "BC0000003", "OLD SAWMILL CO. LTD.", since="2016-07-21"),
        Relationship("doesBusinessAs", "FM0000002", "MAPLE & SONS", since="2017-01-05"),
    ),
    event=Event("CONVNC", id="12", filing="NOCNM", effective="2016-07-21"),
)
PERSON = State(
    register="sample",
    number="FM0000002",
    entity_type="SP",
    legal_name="MAPLE & SONS",
    status="Active",
    register_status="ACT",
    names=(Name("MAPLE & SONS", "legal"),),
)
GONE = State(
    register="sample",
    number="BC0000003",
    entity_type="ULC",
    legal_name="OLD SAWMILL CO. LTD.",
    status="Historical",
    register_status="HAM",
    names=(Name("OLD SAWMILL CO. LTD.", "legal"),),
    event=Event("AMALG", effective="2016-07-21"),
)
NAMELESS = State(
    register="sample",
    number="BC0000004",
    entity_type="BC",
    names=(Name("شركة الأمل LTD.", "former"), Name("ANCIENT MINES INCORPORATED", "former", until="1931-05-06")),
)
DISSOLVED = State(
    register="sample",
    number="BC0000005",
    entity_type="BC",
    legal_name="OLDER SAWMILL LTD.",
    status="Historical",
    register_status="HAM",
    status_since="1960-10-19",
    names=(Name("OLDER SAWMILL LTD.", "legal"),),
    relationships=(Relationship("amalgamatedInto", "BC0000001", "ÉRABLE  & Fils Ltée", since="1960-10-19"),),
)
RESERVED = State("sample", "BC0000006", "BC", "SLOW TIDE INC.", "Active", "D1F", status_since="2019-05-01")
STATES = (FIRST, SECOND, PERSON, GONE, NAMELESS)


def small_registry() -> SmallRegistry:
    """Four organizations: one with two states, a person, a revoked one without future, one without a current name."""
    return SmallRegistry(list(STATES), revoked={"BC0000003"}, persons={"FM0000002"})


def small_index(registry: SmallRegistry, folder: Path) -> EmbeddedIndex:
    """The embedded index of a registry, in `folder`."""
    index = EmbeddedIndex(folder / "index")
    records = [record for record in registry.records(0, registry.size()) if record.document and record.register]
    documents = [
        document_from(record.document["credentialSubject"], record.index, record.n or 0)
        for record in records
        if record.document is not None
    ]
    index.apply(documents, registry.size())
    return index


def small_app(registry: SmallRegistry, folder: Path) -> FastAPI:
    """Pages, evidence, suggestions and error pages over that registry; `/en/broken` and `/fr/broken` fail."""
    site = Site(registry.trust(), registry.identity.base_url)
    index = small_index(registry, folder)
    app = FastAPI()

    @app.get("/credentials/{register}/{number}/{n}/evidence")
    def evidence(register: str, number: str, n: int) -> Response:
        try:
            return JSONResponse(registry.evidence(register, number, n))
        except NotPublished as error:
            return JSONResponse({"code": error.code}, status_code=409)

    @app.exception_handler(StarletteHTTPException)
    def problem(request: Request, error: HTTPException) -> Response:
        return site.error_page(request, error.status_code)

    @app.exception_handler(RuntimeError)
    def failure(request: Request, error: RuntimeError) -> Response:
        return site.error_page(request, 500)

    @app.get("/{language}/broken")
    def broken(language: str) -> Response:
        raise RuntimeError("as asked")

    app.include_router(organizations_router(registry, index))
    app.include_router(pages_router(registry, index, PostedVerifier(registry), site))
    return app


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """The app on a free port of this machine; gives its base URL (`http://localhost:...`)."""
    # named so, asyncio knows it for TCP and sends small answers at once
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
