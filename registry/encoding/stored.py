"""A JSON document as bytes to store and serve.

Compact UTF-8, members in their order.
"""

from collections.abc import Mapping
from typing import Any

import orjson


def stored(document: Mapping[str, Any]) -> bytes:
    """The one writer of stored documents; what is signed and committed to is their JCS form instead."""
    return orjson.dumps(document)
