"""The plan of the house as data: who may import whom, what is pure, who may touch a database or the web."""

#: room -> package -> what it may import within its room; `errors` is open to all. A file beside the packages is one itself
WITHIN: dict[str, dict[str, set[str]]] = {
    "schemas": {"": set(), "codes": set(), "organization": set()},
    "registry": {
        "": set(),
        "errors": set(),
        "edge": set(),
        "described": {"edge"},
        "encoding": set(),
        "keys": {"encoding"},
        "credential": {"encoding", "keys"},
        "log": {"encoding", "keys"},
        "store": {"edge", "log"},
        "verify": {"credential", "encoding", "keys", "log"},
        "witness": {"edge", "keys", "log"},
        "records": {"credential", "encoding", "log", "store"},
        "audit": {"credential", "encoding", "keys", "log", "records", "store", "verify"},
        "foreign": {"credential", "edge", "encoding", "keys", "verify"},
        "ledger": {"credential", "encoding", "keys", "log", "records", "store", "witness"},
        "reading": {"credential", "encoding", "keys", "log", "records", "store", "verify"},
        "mirror": {
            "audit", "credential", "edge", "encoding", "keys", "ledger", "log", "reading", "records", "store", "verify",
        },
        "installation": {
            "credential", "edge", "encoding", "keys", "ledger", "log", "mirror", "reading", "records", "store", "verify",
        },
        "operations": {
            "audit", "credential", "edge", "encoding", "installation", "keys", "ledger", "log", "mirror", "reading",
            "records", "store", "verify",
        },
        "commands": {
            "audit", "edge", "encoding", "installation", "keys", "ledger", "log", "mirror", "operations", "reading", "store",
            "verify", "witness",
        },
    },
    "issuer": {
        "": set(),
        "timeline": set(),
        "signing": {"timeline"},
        "sources": {"timeline"},
        "run": {"signing", "timeline"},
        "actions": {"run", "signing", "timeline"},
        "office": {"actions", "run", "signing", "timeline"},
        "commands": {"actions", "office", "run", "signing", "sources", "timeline"},
    },
    "search": {
        "": set(),
        "errors": set(),
        "verify": set(),
        "access": set(),
        "http": {"access"},
        "question": set(),
        "index": {"question"},
        "views": {"question"},
        "api": {"http", "question", "verify", "views"},
        "pages": {"http", "question", "verify", "views"},
        "app": {"access", "api", "http", "pages", "question", "verify"},
        "commands": {"access", "app", "http", "index", "pages", "question", "verify", "views"},
    },
    "client": {
        "": set(),
        "errors": set(),
        "connection": set(),
        "trust": {"connection"},
        "answers": set(),
        "following": {"answers", "connection"},
        "blocking": {"answers", "connection", "following", "trust"},
        "concurrent": {"answers", "blocking", "connection", "following", "trust"},
        "public": {"answers", "blocking", "concurrent", "following", "trust"},
    },
    "sample_data": {
        "": set(),
        "words": set(),
        "bad_rows": set(),
        "generate": {"bad_rows", "words"},
        "make_expected": set(),
    },
}  # fmt: skip

#: room -> package -> what it may import of the registry; `errors` is open to all
OF_REGISTRY: dict[str, dict[str, set[str]]] = {
    "issuer": {
        "timeline": {"credential", "encoding"},
        "signing": {"credential", "encoding", "installation", "keys", "ledger", "log"},
        "sources": {"edge", "encoding", "log"},
        "run": {"credential", "encoding", "installation", "ledger", "log", "records", "store"},
        "actions": {
            "credential", "edge", "encoding", "foreign", "installation", "ledger", "log", "records", "store", "verify",
        },
        "office": {"credential", "described", "edge", "encoding", "installation", "ledger", "log", "verify"},
        "commands": {"commands", "edge", "encoding", "foreign", "installation", "ledger", "store"},
    },
    "search": {
        "verify": {"credential", "edge", "encoding", "foreign", "installation", "reading", "verify"},
        "access": {"commands", "edge", "encoding", "installation"},
        "http": {"edge", "encoding"},
        "question": {"encoding", "verify"},
        "index": {"installation", "log", "reading"},
        "views": {"log", "reading", "verify"},
        "api": {"credential", "described", "edge", "encoding", "foreign", "reading", "store", "verify"},
        "pages": {"credential", "edge", "encoding", "reading", "verify"},
        "app": {"foreign", "reading", "store"},
        "commands": {"commands", "edge", "foreign", "installation", "store"},
    },
    "client": {
        "errors": {"verify"},
        "connection": {"edge"},
        "trust": {"verify"},
        "answers": {"encoding", "log", "verify"},
        "following": {"log", "verify"},
        "blocking": {"credential", "encoding", "verify"},
        "concurrent": {"log", "verify"},
    },
    "sample_data": {"make_expected": {"installation", "ledger", "store"}},
}  # fmt: skip

#: rooms that know what a record looks like; the registry knows credentials, never companies
KNOW_SCHEMAS = {"registry", "issuer", "search", "sample_data"}
COMPANIES = {"schemas.organization", "schemas.codes"}
#: from room to room besides
OTHER_ROOMS = {"sample_data": {"issuer"}}

#: what the public side may import of a package: the queue of requests alone; and an installation, in these files alone
ONLY = {
    ("search", "registry.store"): {"registry.store.token_queue"},
}
ONLY_IN = {
    ("search", "registry.installation"): {
        "search/access/commands.py",
        "search/commands.py",
        "search/index/decoding.py",
        "search/index/opening.py",
        "search/index/cluster.py",
        "search/index/elastic.py",
        "search/verify/worker.py",
    },
}

#: bytes and values in, bytes and values out: no file, socket, database, clock or chance of their own
PURE = {
    "registry": {"errors", "keys", "encoding", "log", "credential", "verify", "foreign"},
    "issuer": {"timeline"},
    "search": {"errors", "question", "views"},
    "schemas": {"organization"},
}
EDGE_FILES = {"registry/foreign/fetcher.py"}
PURE_FILES = {"registry/witness/rules.py", "registry/reading/record.py", "search/access/quota.py"}
#: what they may import from outside; `threading` for locks alone
PURE_MODULES = {
    "base64", "binascii", "bisect", "collections", "copy", "cryptography", "csv", "dataclasses", "datetime", "functools",
    "hashlib", "hmac", "html", "ipaddress", "itertools", "json", "jsonschema_rs", "math", "nacl", "orjson", "pyld", "rapidfuzz",
    "re", "struct", "threading", "types", "typing", "unicodedata", "urllib.parse", "zlib",
}  # fmt: skip

DATABASE_MODULES = {"sqlalchemy", "sqlite3", "alembic", "psycopg"}
#: packages and files that may import a database
DATABASE = {
    "registry/store",
    "registry/audit",
    "registry/edge/side_file.py",
    "registry/witness/server.py",
    "search/index",
}
WEB_MODULES = {"fastapi", "starlette", "uvicorn"}
#: packages and files that may import a web framework
WEB = {
    "search/http", "search/api", "search/pages", "search/app.py",
    "issuer/office", "issuer/commands/office.py", "registry/witness/server.py", "registry/commands/witness.py",
}  # fmt: skip

#: packages whose `__init__` holds more than a docstring, and why
FULL_INITS = {
    "schemas/__init__.py": "the room is three files",
    "registry/credential/rdf/__init__.py": "one function in front of two ways to canonicalize",
    "registry/store/migrations/__init__.py": "Alembic finds its scripts beside it",
    "issuer/sources/__init__.py": "the table of registers",
}
