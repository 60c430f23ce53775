"""Every message of the pages has a Canadian French translation, and every translation a message."""

import re
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import search
from search import wording
from search.site import load_translations

_ROOM = Path(search.__file__).parent
_METHODS = [("wording.py", "python"), ("web/templates/**.html", "jinja2")]
_OPTIONS = {"web/templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}}
_PLACE = re.compile(r"%\(\w+\)s|\{\w+\}")


def _messages() -> set[str | tuple[str, ...]]:
    found = extract_from_dir(_ROOM, method_map=_METHODS, options_map=_OPTIONS)
    return {message for _, _, message, _, _ in found}


def _catalog() -> Catalog:
    with (_ROOM / "web/locales/fr.po").open("rb") as file:
        return read_po(file, locale="fr")


def _translations(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if isinstance(message.string, list | tuple) else (message.string,)


def test_no_message_is_missing_and_none_is_left_over() -> None:
    messages = _messages()
    assert len(messages) > 150
    assert {message.id for message in _catalog() if message.id} == messages


def test_no_translation_is_empty_or_fuzzy() -> None:
    catalog = _catalog()
    assert [message.id for message in catalog if message.id and not all(_translations(message))] == []
    assert [message.id for message in catalog if message.id and message.fuzzy] == []
    assert not catalog.obsolete


def test_translations_keep_the_places_to_fill() -> None:
    for message in _catalog():
        if message.id:
            english = message.id if isinstance(message.id, str) else message.id[-1]
            for text in _translations(message):
                assert sorted(_PLACE.findall(text)) == sorted(_PLACE.findall(english)), message.id


def test_french_typography() -> None:
    for message in _catalog():
        for text in _translations(message) if message.id else ():
            assert "'" not in text, text
            assert not re.search(r"[^\u00a0]:(\s|$)", text), text
            assert not re.search(r"«[^\u00a0]|[^\u00a0]»|\s[;!?]", text), text


def test_reasons_have_words_in_the_labels() -> None:
    french = load_translations("fr")
    assert [reason for reason in wording.REASONS if french.gettext(reason) == reason] == []


def test_every_fixed_reason_of_the_browser_has_words() -> None:
    text = (_ROOM / "web/static/verify/verify.js").read_text("utf-8")
    told = set(re.findall(r'"((?:a|an|the|no|issuerKeys|validFrom|credentialSchema|cosignatures|this) [^"]*)"', text))
    assert len(told) > 25
    assert told - set(wording.REASONS) == set()
