"""A stranger's web server on this machine, for tests: TLS under a certificate authority of its own, answers made to order."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from registry.foreign.fetcher import GuardedFetcher

PUBLIC = "93.184.216.34"
HOST = "stranger.example"

#: the answer to a request target, as parts that are sent one after another
Answer = Callable[[str], Iterator[bytes]]


def reply(body: bytes, *headers: str, status: str = "200 OK", media_type: str = "application/json") -> bytes:
    """An HTTP answer with its length."""
    head = [f"HTTP/1.1 {status}", f"Content-Type: {media_type}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(head).encode() + body


def slowly(data: bytes, seconds: float) -> Iterator[bytes]:
    """The data byte by byte, with a pause before each."""
    for byte in data:
        time.sleep(seconds)
        yield bytes([byte])


@dataclass
class Stranger:
    """`dialled`: the addresses that connections were made to; `asked`: (name in the handshake, request target)."""

    port: int
    tls: ssl.SSLContext
    addresses: list[list[str]]
    dialled: list[str] = field(default_factory=list)
    looked_up: list[str] = field(default_factory=list)
    asked: list[tuple[str | None, str]] = field(default_factory=list)
    requests: list[bytes] = field(default_factory=list)

    def lookup(self, name: str, _seconds: float) -> list[str]:
        """The next of `addresses`; the last one stays."""
        self.looked_up.append(name)
        return self.addresses.pop(0) if len(self.addresses) > 1 else self.addresses[0]

    def dial(self, address: str, seconds: float) -> socket.socket:
        """Here, whatever the address."""
        self.dialled.append(address)
        return socket.create_connection(("127.0.0.1", self.port), timeout=seconds)

    def fetcher(self, seconds: float = 3.0) -> GuardedFetcher:
        """One that finds this server at every name."""
        return GuardedFetcher(self.tls, self.lookup, self.dial, seconds)


def make_certificate(folder: Path, name: str, at: datetime) -> tuple[Path, bytes]:
    """A key and certificate for `name` in one file, and the authority's certificate that vouches for it."""
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Authority of this test")])
    own = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])

    def signed(subject: x509.Name, public: ec.EllipticCurvePublicKey, more: x509.ExtensionType) -> x509.Certificate:
        builder = x509.CertificateBuilder(authority, subject, public, x509.random_serial_number())
        builder = builder.not_valid_before(at - timedelta(days=1)).not_valid_after(at + timedelta(days=1))
        return builder.add_extension(more, critical=True).sign(authority_key, hashes.SHA256())

    anchor = signed(authority, authority_key.public_key(), x509.BasicConstraints(ca=True, path_length=0))
    certificate = signed(own, key.public_key(), x509.SubjectAlternativeName([x509.DNSName(name)]))
    file = folder / "stranger.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    return file, anchor.public_bytes(Encoding.PEM)


@contextmanager
def stranger(folder: Path, answer: Answer, at: datetime, name: str = HOST) -> Iterator[Stranger]:
    """The server, running, with a certificate for `name`."""
    file, anchor = make_certificate(folder, name, at)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(file)
    names: list[str | None] = []
    serving.sni_callback = lambda _link, named, _context: names.append(named)
    listener = socket.create_server(("127.0.0.1", 0))
    trusting = ssl.create_default_context(cadata=anchor.decode())
    there = Stranger(listener.getsockname()[1], trusting, [[PUBLIC]])

    def serve() -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer_one, args=(plain,), daemon=True).start()

    def answer_one(plain: socket.socket) -> None:
        with contextlib.suppress(OSError), plain, serving.wrap_socket(plain, server_side=True) as link:
            request = b""
            while b"\r\n\r\n" not in request:
                request += link.recv(4096)
            target = request.split(b" ", 2)[1].decode()
            there.requests.append(request)
            there.asked.append((names[-1], target))
            for part in answer(target):
                link.sendall(part)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield there
    finally:
        listener.close()
