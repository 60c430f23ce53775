"""Every message of the pages has a Canadian French translation, and every translation a message."""

import ast
import re
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import registry
import search
from search.pages.translations import load_translations
from search.views.reasons import REASONS, in_words

_ROOM = Path(search.__file__).parent
_METHODS = [("views/wording.py", "python"), ("views/reasons.py", "python"), ("views/answers.py", "python")]
_METHODS += [
    ("views/days.py", "python"),
    ("views/standing.py", "python"),
    ("views/places.py", "python"),
    ("views/glossary.py", "python"),
    ("views/offline.py", "python"),
]
_METHODS.append(("web/templates/**.html", "jinja2"))
_OPTIONS = {"web/templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}}
_PLACE = re.compile(r"%\(\w+\)s|\{\w+\}")


def _messages() -> set[str | tuple[str, ...]]:
    messages = extract_from_dir(_ROOM, method_map=_METHODS, options_map=_OPTIONS)
    return {message for _, _, message, _, _ in messages}


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
    assert [words for words in REASONS.values() if french.gettext(words) == words] == []


def test_every_fixed_reason_of_the_browser_has_words() -> None:
    files = ("steps", "latest", "map_log", "map_tree", "policy")
    text = "".join((_ROOM / f"web/static/verify/{name}.js").read_text("utf-8") for name in files)
    reasons = set(
        re.findall(r'"((?:a|an|the|no|issuerKeys|validFrom|credentialSchema|cosignatures|this) [^"]*)"', text)
    )
    assert len(reasons) > 25
    assert reasons - REASONS.keys() - _OF_TRUST - {"the credential"} == set()


#: what the steps of registry/verify/steps.py are read from, and the calls whose last argument is what a person reads
_READ = (
    "verify/steps",
    "credential/document",
    "verify/evidence",
    "log/entry",
    "credential/proof",
    "log/note",
    "log/checkpoint",
    "log/proof_text",
    "credential/status",
    "encoding/strict_json",
    "verify/latest",
    "verify/later",
    "verify/proven_once",
    "verify/completeness",
    "log/map_log",
    "log/map_tree",
    "log/cosignature",
)
_CALLS = {"demand", "_demand", "Indeterminate", "NotAsked", "Step", "Untrue", "Malformed"}
#: last arguments of `Step` that are results, not reasons; texts that hold what was read stay as they are, in English
_RESULTS = {"passed", "not_reached"}


#: what is wrong with a trust file, which is told with the number of its line, or with a checkpoint or a map of our own
_OF_TRUST = {
    "a log with the same key stands above",
    "a name is longer than 255 bytes",
    "a second quorum line",
    "its nodes lead nowhere",
    "a witness with the same key stands above",
    "the threshold is not all, any, or from 1 to the number of members",
}


def _literals(node: ast.expr) -> list[str]:
    """The fixed texts that an argument may be: a literal, or either side of a choice."""
    if isinstance(node, ast.IfExp):
        return _literals(node.body) + _literals(node.orelse)
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def test_every_fixed_reason_of_the_verifier_has_words() -> None:
    texts_by_file: dict[str, set[str]] = {}
    for name in _READ:
        tree = ast.parse((Path(registry.__file__).parent / f"{name}.py").read_text("utf-8"))
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
        spoken = [call for call in calls if ast.unparse(call.func) in _CALLS]
        texts_by_file[name] = {text for call in spoken for text in _literals(call.args[-1])} - _RESULTS
    assert len(texts_by_file["verify/steps"]) > 25
    unknown = {name: texts - REASONS.keys() for name, texts in texts_by_file.items()}
    assert set().union(*unknown.values()) - _OF_TRUST == set(), unknown


def test_no_words_are_kept_for_a_reason_that_nobody_gives() -> None:
    places = [*Path(registry.__file__).parent.rglob("*.py"), *(_ROOM / "web/static/verify").glob("*.js")]
    given = "".join(path.read_text("utf-8") for path in places if path.stem != "codes")
    lists = {f"the {purpose} list" for purpose in ("revocation", "suspension")}
    patterns = {f"{what} is missing" for what in lists}
    for what in ("another state has taken its place", "it was corrected", "it was erased"):
        patterns.add(f"{what}: entry {{n}} of the ledger")
    for what in {"the credential", *lists}:
        patterns |= {
            f"{what} is not what the map tells as the newest",
            f"{what} is not the latest: entry {{n}} stands after it",
            f"the evidence carries no proof that {what} is the latest",
        }
    patterns.remove("the evidence carries no proof that the credential is the latest")  # it stands as it is
    assert {reason for reason in REASONS if reason not in given} == patterns


def test_a_number_in_a_reason_is_kept() -> None:
    french = {reason: load_translations("fr").gettext(words) for reason, words in REASONS.items()}
    sentence = in_words("the credential is not the latest: entry 47 stands after it", french)
    assert sentence.endswith("l’inscription 47 du grand livre")
    assert in_words("line 3 of the policy: X is not defined above", french).startswith("line 3")
    assert in_words("revoked", french) == french["revoked"]


def test_a_reason_without_words_is_shown_as_it_is() -> None:
    steps = (_ROOM / "web/templates/verify_outcome.html").read_text("utf-8")
    assert "step.reason|in_words(reasons)" in steps
    assert in_words("nobody has words for this", REASONS) == "nobody has words for this"
    assert '"{n}")]?.replace("{n}", number) ?? reason;' in (_ROOM / "web/static/panel_parts.js").read_text("utf-8")
