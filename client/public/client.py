"""`greffe.client`: search a registry, and believe only what was verified here.

    from greffe.client import Client, Trust
    client = Client("https://registry.example", Trust.read("trust.json"))
    print(client.organization("bc", "BC0000001").name)

Classes stand in the files beside this folder; their names here are the ones to rely on.
"""

from client.answers import Candidate, Hit, Organization, Results
from client.blocking import Client
from client.concurrent import AsyncClient
from client.errors import BadAnswer, BadTrust, Busy, ClientError, Misused, NotFound, NotVerified, Problem, Unreachable
from client.trust import Trust

__all__ = [
    "AsyncClient",
    "BadAnswer",
    "BadTrust",
    "Busy",
    "Candidate",
    "Client",
    "ClientError",
    "Hit",
    "Misused",
    "NotFound",
    "NotVerified",
    "Organization",
    "Problem",
    "Results",
    "Trust",
    "Unreachable",
]
