"""The settings: what is read from the environment, by which names, and that the README lists exactly these."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from registry.errors import Usage
from registry.installation.settings import VARIABLES, from_environ
from tests.builders.command import ROOT


class _Watched(Mapping[str, str]):
    """An empty environment that remembers which names were asked for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def test_the_variables_that_are_read_are_those_that_are_listed() -> None:
    environ = _Watched()
    from_environ(environ)
    assert environ.asked == set(VARIABLES)
    assert len(VARIABLES) == len(set(VARIABLES))


def test_the_readme_lists_the_same_variables_in_the_same_order() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    section = text.partition("\n## Settings\n")[2].partition("\n## ")[0]
    assert tuple(re.findall(r"^\| `([A-Z0-9_]+)` \|", section, re.MULTILINE)) == VARIABLES


def test_no_other_file_reads_the_environment() -> None:
    """One object, read once at the door: the commands hand the environment over, and nobody else looks at it."""
    rooms = [file for room in ("schemas", "registry", "issuer", "search") for file in (ROOT / room).rglob("*.py")]
    reading = {
        file.relative_to(ROOT).as_posix() for file in rooms if re.search(r"\benviron\b|getenv", file.read_text("utf-8"))
    }
    assert reading == {"registry/installation/settings.py", "registry/commands/ledger.py"}


def test_defaults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    settings = from_environ({})
    data = tmp_path / "greffe-data"
    assert (settings.data, settings.port, settings.passphrase_file) == (data, 8000, data / "keys" / "passphrase")
    assert settings.database_url == f"sqlite:///{data / 'ledger.db'}"
    assert (settings.base_url, settings.origin, settings.trust, settings.witness_policy) == (None, None, None, None)
    assert [settings.identity_file, settings.trust_file, settings.keys, settings.index] == [
        data / name for name in ("identity.json", "trust.json", "keys", "index.db")
    ]


def test_an_empty_variable_is_as_good_as_none() -> None:
    assert from_environ(dict.fromkeys(VARIABLES, "")) == from_environ({})


def test_what_is_given_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    settings = from_environ(
        {
            "GREFFE_DATA": "here",
            "PORT": "8123",
            "GREFFE_KEY_PASSPHRASE_FILE": "secret",
            "GREFFE_DATABASE_URL": "postgresql+psycopg://greffe@db/greffe",
            "GREFFE_BASE_URL": "https://office.example/",
            "GREFFE_ORIGIN": "office.example",
            "GREFFE_TRUST": "trust.json",
            "GREFFE_WITNESS_POLICY": "/etc/policy",
        }
    )
    assert (settings.data, settings.port, settings.passphrase_file) == (tmp_path / "here", 8123, tmp_path / "secret")
    assert settings.database_url == "postgresql+psycopg://greffe@db/greffe"
    assert (settings.base_url, settings.origin) == ("https://office.example", "office.example")
    assert (settings.trust, settings.witness_policy) == (tmp_path / "trust.json", Path("/etc/policy"))


@pytest.mark.parametrize("port", ["0", "65536", "-1", "eight", "8000 ", "٨٠٠٠", "80.0", "1e3"])
def test_a_port_that_is_none_is_wrong_usage(port: str) -> None:
    with pytest.raises(Usage, match="PORT"):
        from_environ({"PORT": port})


def test_settings_do_not_change() -> None:
    settings = from_environ({})
    with pytest.raises(AttributeError):
        settings.port = 1  # type: ignore[misc]


def test_trusted_proxies_are_addresses_and_networks() -> None:
    settings = from_environ({"GREFFE_TRUSTED_PROXIES": "192.0.2.1, 10.0.0.0/8,2001:db8::/32"})
    assert settings.trusted_proxies == ("192.0.2.1/32", "10.0.0.0/8", "2001:db8::/32")
    assert from_environ({}).trusted_proxies == ()
    for text in ("*", "proxy.example", "10.0.0.1/8", "127.0.0.1;127.0.0.2"):
        with pytest.raises(Usage, match="GREFFE_TRUSTED_PROXIES"):
            from_environ({"GREFFE_TRUSTED_PROXIES": text})


def test_a_rate_limit_is_a_number_or_off() -> None:
    assert [from_environ({"GREFFE_RATE_LIMIT": text}).rate_limit for text in ("", "1", "off")] == [6000, 1, None]
    for text in ("0", "-1", "many", "1000001", "1" * 40, "OFF"):
        with pytest.raises(Usage, match="GREFFE_RATE_LIMIT"):
            from_environ({"GREFFE_RATE_LIMIT": text})


def test_a_search_engine_has_addresses_with_ports_and_files_of_its_own(tmp_path: Path) -> None:
    assert from_environ({}).search_engine is None
    engine = from_environ(
        {
            "GREFFE_SEARCH_URL": "https://search-1:9200, https://search-2.example/es/,http://[::1]:9200",
            "GREFFE_SEARCH_CREDENTIALS_FILE": str(tmp_path / "key"),
            "GREFFE_SEARCH_CA_FILE": str(tmp_path / "ca.pem"),
            "GREFFE_SEARCH_SHARDS": "3",
        }
    ).search_engine
    assert engine is not None
    assert engine.addresses == ("https://search-1:9200", "https://search-2.example:443/es", "http://[::1]:9200")
    assert (engine.credentials_file, engine.ca_file, engine.shards) == (tmp_path / "key", tmp_path / "ca.pem", 3)


@pytest.mark.parametrize(
    ("environ", "word"),
    [
        ({"GREFFE_SEARCH_URL": "https://reader:hunter2@search:9200"}, "GREFFE_SEARCH_CREDENTIALS_FILE"),
        ({"GREFFE_SEARCH_URL": "search:9200"}, "addresses"),
        ({"GREFFE_SEARCH_URL": "ftp://search"}, "addresses"),
        ({"GREFFE_SEARCH_URL": "https://search:99999"}, "address"),
        ({"GREFFE_SEARCH_URL": "https://search?x=1"}, "addresses"),
        ({"GREFFE_SEARCH_URL": "http://search:9200", "GREFFE_SEARCH_CREDENTIALS_FILE": "/key"}, "https"),
        ({"GREFFE_SEARCH_URL": "http://localhost:9200", "GREFFE_SEARCH_SHARDS": "0"}, "GREFFE_SEARCH_SHARDS"),
        ({"GREFFE_SEARCH_URL": "http://localhost:9200", "GREFFE_SEARCH_SHARDS": "many"}, "GREFFE_SEARCH_SHARDS"),
    ],
)
def test_a_search_engine_that_cannot_be_meant_is_wrong_usage(environ: dict[str, str], word: str) -> None:
    with pytest.raises(Usage, match=word) as caught:
        from_environ(environ)
    assert caught.value.code == "setting"
    assert "hunter2" not in str(caught.value)
