"""Sockets, disk and problem+json for every room; no rule of the domain.

Read `problem` (what an app says of an error), `listen`, `bounded_connection` (a client that cannot be held up), `client` (whom a
piece of work is for), `printable`, `disk`.
"""
