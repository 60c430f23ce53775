"""`greffe.client`: search a registry, and believe only what was verified here.

    from greffe.client import Client, Trust
    client = Client("https://registry.example", Trust.read("trust.json"))
    print(client.organization("bc", "BC0000001").name)

Classes stand in the files beside this folder; their names here are the ones to rely on.
"""

from client.answers import Candidate, History, Hit, Organization, Results
from client.blocking import Client
from client.concurrent import AsyncClient, AsyncGrowth
from client.errors import (
    BadAnswer,
    BadTrust,
    Behind,
    Busy,
    ClientError,
    Forked,
    Misused,
    NotFound,
    NotProven,
    NotVerified,
    Problem,
    TooOld,
    Unreachable,
)
from client.following import Growth
from client.trust import Trust

__all__ = [
    "AsyncClient",
    "AsyncGrowth",
    "BadAnswer",
    "BadTrust",
    "Behind",
    "Busy",
    "Candidate",
    "Client",
    "ClientError",
    "Forked",
    "Growth",
    "History",
    "Hit",
    "Misused",
    "NotFound",
    "NotProven",
    "NotVerified",
    "Organization",
    "Problem",
    "Results",
    "TooOld",
    "Trust",
    "Unreachable",
]
