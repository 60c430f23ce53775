"""The public app's JSON routes over a small ledger in memory."""

import pytest
from fastapi import FastAPI

from search.api.organizations import organizations_router
from search.http import problems
from search.http.limits import Limits
from search.index.embedded import EmbeddedIndex
from search.index.follow import follow
from tests.builders.http_client import Client
from tests.builders.reader import FakeReader
from tests.builders.register import small_ledger


@pytest.fixture(scope="session")
def reader() -> FakeReader:
    return small_ledger()


@pytest.fixture(scope="session")
def public_app(reader: FakeReader, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The app under test: routes, problems and limits as the public app has them."""
    index = EmbeddedIndex(tmp_path_factory.mktemp("app") / "index.db")
    follow(reader, index)
    app = FastAPI(openapi_url="/openapi.json", docs_url=None, redoc_url=None)
    app.include_router(organizations_router(reader, index))
    problems.install(app)
    app.add_middleware(Limits)
    return app


@pytest.fixture(scope="session")
def client(public_app: FastAPI) -> Client:
    return Client(public_app)
