"""What schema.org calls an organization or a permit: JSON-LD for programs.

Pure. Follows schema.org's Organization and Permit. It says no more than the page does, is signed by nobody, and says nothing of
natural persons. Writing it into the page is left to the template.
"""

from typing import Any

from schemas import codes
from schemas.organization import State


def structured_data(state: State, url: str) -> dict[str, Any] | None:
    """The block for a page at `url`; None where the registration stands for natural persons."""
    if codes.is_person(state.register, state.entity_type):
        return None
    if state.is_permit:
        return _permit(state, url)
    others = dict.fromkeys(name.text for name in state.names if name.text != state.legal_name)
    data: dict[str, Any] = {
        **_named(state, url, "Organization"),
        "alternateName": list(others),
        "foundingDate": state.registered_on,
        "dissolutionDate": state.status_since if _is_dissolved(state) else None,
    }
    return {name: value for name, value in data.items() if value}


def _is_dissolved(state: State) -> bool:
    sub = codes.sub_status(state.register, state.register_status) or ""
    return state.status == "Historical" and sub.startswith("dissolved")


def _permit(state: State, url: str) -> dict[str, Any]:
    data = {**_named(state, url, "Permit"), "validFrom": state.valid_from, "validUntil": state.valid_until}
    return {name: value for name, value in data.items() if value}


def _named(state: State, url: str, kind: str) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": kind,
        "url": url,
        "identifier": {"@type": "PropertyValue", "propertyID": state.register, "value": state.number},
        "name": state.legal_name,
    }
