"""A site between a client and the real one: what it answers may be changed on the way."""

import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

#: (status, headers, body)
Answer = tuple[int, dict[str, str], bytes]
#: from the path asked for and the real answer to what is answered instead
Change = Callable[[str, Answer], Answer]


def honest(path: str, answer: Answer) -> Answer:
    return answer


def at_paths(end: str, change: Callable[[bytes], bytes]) -> Change:
    """Changes the bodies at paths that end so."""

    def changed(path: str, answer: Answer) -> Answer:
        status, headers, body = answer
        return (status, headers, change(body) if path.partition("?")[0].endswith(end) else body)

    return changed


@contextmanager
def between(base: str, change: Change) -> Iterator[str]:
    """The base URL of the site between, while it stands."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(None)

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])))

        def _answer(self, body: bytes | None) -> None:
            asked = urllib.request.Request(base + self.path, body, {"Content-Type": "application/json"})
            try:
                with urllib.request.urlopen(asked, timeout=30) as real:
                    answer: Answer = (real.status, {}, real.read())
            except urllib.error.HTTPError as error:
                answer = (error.code, {}, error.read())
                error.close()
            status, headers, data = change(self.path, answer)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(data)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_arguments: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
