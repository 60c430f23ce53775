"""Text from outside is shown without control characters.

A terminal obeys them, and a log takes a line feed for a new record. Characters that turn the direction of writing are shown
escaped too (Unicode Standard Annex 9, section 2), since they make one text look like another.
"""

import re

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """The text with each control character as an escape of ASCII characters."""
    return _CONTROL.sub(lambda match: match[0].encode("unicode_escape", "surrogatepass").decode("ascii"), text)
