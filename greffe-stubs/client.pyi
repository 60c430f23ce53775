"""The names of `greffe.client`, for type checkers."""

from client.answers import Candidate as Candidate
from client.answers import History as History
from client.answers import Hit as Hit
from client.answers import Organization as Organization
from client.answers import Results as Results
from client.blocking import Client as Client
from client.concurrent import AsyncClient as AsyncClient
from client.concurrent import AsyncGrowth as AsyncGrowth
from client.errors import BadAnswer as BadAnswer
from client.errors import BadTrust as BadTrust
from client.errors import Behind as Behind
from client.errors import Busy as Busy
from client.errors import ClientError as ClientError
from client.errors import Forked as Forked
from client.errors import Misused as Misused
from client.errors import NotFound as NotFound
from client.errors import NotProven as NotProven
from client.errors import NotVerified as NotVerified
from client.errors import Problem as Problem
from client.errors import TooOld as TooOld
from client.errors import Unreachable as Unreachable
from client.following import Growth as Growth
from client.trust import Trust as Trust
