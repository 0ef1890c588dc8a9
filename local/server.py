"""A small web server on a free port of this machine, which stops with the block that started it."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from typing import TYPE_CHECKING, ClassVar

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@contextmanager
def serve(app: "WSGIApplication") -> Iterator[str]:
    """Run a WSGI app on a free port of 127.0.0.1, each connection kept open in a thread of its own; yields its root."""

    class Handler(_Handler):
        connections: ClassVar = set()

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        for connection in Handler.connections.copy():
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def answer(body: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return a JSON answer."""
    return Response(json.dumps(body), status, headers, content_type="application/json")


class _Handler(WSGIRequestHandler):
    """Werkzeug's handler, but for connections that stay open between requests: Graph's do."""

    connections: ClassVar[set[socket.socket]]
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.connections.add(self.connection)

    def finish(self) -> None:
        self.connections.discard(self.connection)
        with suppress(OSError):  # the client may have gone
            super().finish()

    def run_wsgi(self) -> None:
        """Answer one request, its body read whole, so that the next one on this connection begins where it ends."""
        environ = self.make_environ()
        chunked = "wsgi.input_terminated" in environ
        size = -1 if chunked else int(self.headers.get("Content-Length") or 0)
        environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(size))
        try:
            chunks, status, headers = run_wsgi_app(self.server.app, environ, buffered=True)
            body = b"".join(chunks)
            headers.setdefault("Content-Length", str(len(body)))
            self.send_response(int(status[:3]), status[4:])
            for name, value in headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body if self.command != "HEAD" else b"")
        except ConnectionError:
            self.close_connection = True

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Keep requests out of the terminal; what matters of them stands in receipts and on the page."""
