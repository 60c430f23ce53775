"""The text of a case of json-accepted.json and json-refused.json."""

from typing import Any


def text_of(case: dict[str, Any]) -> str:
    """Its `text`, or each of its `parts` so many times."""
    return "".join(text * times for text, times in case["parts"]) if "parts" in case else str(case["text"])
