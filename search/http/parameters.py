"""Query parameters: a route takes those that it names, and no others."""

from collections.abc import Callable

from fastapi import Request

from search.errors import BadParameter


def only(*known: str) -> Callable[[Request], None]:
    """A dependency that refuses any query parameter but these. BadParameter: `unknown_parameter`."""

    def check(request: Request) -> None:
        for name in request.query_params:
            if name not in known:
                raise BadParameter("unknown_parameter", f"there is no parameter {name!r} here", name)

    return check
