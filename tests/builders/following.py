"""A follower in a process of its own, for tests that end one: follows the ledger of its environment until it is killed."""

import os

from registry.installation.public import Public
from registry.installation.settings import from_environ
from search.index.embedded import EmbeddedIndex
from search.index.follow import Follower

if __name__ == "__main__":
    public = Public(from_environ(os.environ))
    Follower(public.reader, EmbeddedIndex(public.settings.index), interval=0.1).run()
