"""A writer whose workers do not watch their parent: the negative control of test_kill.py. Takes greffe's own arguments.

A worker imports this file too, so that the watch is off there.
"""

import greffe
import issuer.signing.workers


def _watch_nobody() -> None:
    """In the place of the thread that ends a worker with its parent."""


issuer.signing.workers._end_with_parent = _watch_nobody

if __name__ == "__main__":
    greffe.main()
