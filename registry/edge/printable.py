"""Text from outside is shown without control characters.

A terminal obeys them, and a log takes a line feed for a new record. Characters that turn the direction of writing are shown
escaped too (Unicode Standard Annex 9, section 2), since they make one text look like another.
"""

import re

_CONTROL = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def printable_lines(text: str) -> str:
    """The text, each of its lines printable."""
    return "\n".join(map(printable, text.split("\n")))


def printable(text: str) -> str:
    """The text with each control character but a tab as an escape of ASCII characters."""
    return _CONTROL.sub(lambda match: match[0].encode("unicode_escape", "surrogatepass").decode("ascii"), text)
