"""Which language an answer is in: the address's, else what the browser prefers.

RFC 9110 section 12.5.4. Each page's address fixes its language (`pages/routes`); the words are in `web/locales`.
"""

from fastapi import Request

from schemas.codes import LANGUAGES


def preferred_language(header: str) -> str:
    """`en` or `fr` for an Accept-Language header: the highest weight wins, on a tie the one named first."""
    best_weight, best = 0.0, LANGUAGES[0]
    for part in header[:1000].split(","):
        tag, _, parameter = part.strip().partition(";")
        language = tag.strip().lower().split("-")[0]
        try:
            weight = float(parameter.strip().removeprefix("q=") or 1) if parameter else 1.0
        except ValueError:
            continue
        if language in LANGUAGES and weight > best_weight:
            best_weight, best = weight, language
    return best


def language_of(request: Request) -> str:
    """The language of the address, else the one that the browser prefers (RFC 9110 section 12.5.4), else English."""
    first = request.url.path.split("/")[1:2]
    if first and first[0] in LANGUAGES:
        return first[0]
    return preferred_language(request.headers.get("accept-language", ""))
