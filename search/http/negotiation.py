"""Which of the forms that we offer a request wants, by `Accept`.

RFC 9110 section 12.5.1.
"""

import re

#: as what a credential is sent, the first where nothing is asked for
CREDENTIAL_FORMS = ("application/json", "application/vc", "application/ld+json")
_QUALITY = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")


def preferred(accept: str, offered: tuple[str, ...]) -> str:
    """The best of the media types `offered` for an Accept header; the first where all are alike, or none is wanted."""
    ranges = [_range(text) for text in accept.split(",") if text.strip()] or [("*/*", 1.0)]

    def quality(media_type: str) -> float:
        """That of the most specific range that fits, as the section has it."""
        group = media_type.partition("/")[0]
        for wanted in (media_type, f"{group}/*", "*/*"):
            qualities = [value for name, value in ranges if name == wanted]
            if qualities:
                return max(qualities)
        return 0.0

    return max(offered, key=quality)


def _range(text: str) -> tuple[str, float]:
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    qualities = [match[1] for match in map(_QUALITY.fullmatch, parameters) if match]
    return name, float(qualities[0]) if qualities else 1.0
