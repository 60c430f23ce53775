"""The languages of the site, and which of them a browser prefers.

RFC 9110 section 12.5.4.
"""

LANGUAGES = ("en", "fr")


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
