"""A follower in a process of its own, for tests that end one: follows the ledger of its environment until it is killed."""

import os

from registry.installation.public import Public
from registry.installation.settings import from_environ
from search.index.follow import Follower
from search.index.opening import open_index

if __name__ == "__main__":
    public = Public(from_environ(os.environ))
    Follower(public.reader, open_index(public.settings, public.identity.origin), interval=0.1).run()
