"""An organization as schema.org describes one: JSON-LD for programs that read pages.

Pure. Follows schema.org's Organization. It says no more than the page does, is signed by nobody, and says nothing of natural
persons. Writing it into the page is left to the template.
"""

from typing import Any

from schemas import codes
from schemas.organization import State


def structured_data(state: State, url: str) -> dict[str, Any] | None:
    """The block for a page at `url`; None where the registration stands for natural persons."""
    if codes.is_person(state.register, state.entity_type):
        return None
    others = dict.fromkeys(name.text for name in state.names if name.text != state.legal_name)
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Organization",
        "url": url,
        "identifier": {"@type": "PropertyValue", "propertyID": state.register, "value": state.number},
        "name": state.legal_name,
        "alternateName": list(others),
        "foundingDate": state.registered_on,
    }
    return {name: value for name, value in data.items() if value}
