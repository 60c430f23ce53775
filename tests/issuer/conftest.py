"""What the issuer's tests share."""

from tests.registry.conftest import filled

__all__ = ["filled"]
