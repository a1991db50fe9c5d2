"""Server: answers one browser on this machine; nothing that it is asked becomes a path."""

from __future__ import annotations

import secrets
import sys
import threading
from functools import cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from types import TracebackType
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import orjson

from fastecg.errors import FastECGError, OutputError
from fastecg.viewer.shelf import IMAGE, MASKS, TRUTH, Shelf
from fastecg.viewer.sight import Cameras, sight

LOOPBACK: Final = "127.0.0.1"
_JSON: Final = "application/json"
_ASSETS: Final = {
    "": ("index.html", "text/html; charset=utf-8"),
    "viewer.css": ("viewer.css", "text/css; charset=utf-8"),
    "logo.svg": ("logo.svg", "image/svg+xml"),
    **{name: (name, "text/javascript; charset=utf-8") for name in ("viewer.js", "tools.js", "zoom.js")},
}
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_KINDS: Final = ((b"\x89PNG\r\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))
_LONGEST: Final = 2048
"""Of an address, in characters."""

Answer = tuple[HTTPStatus, str, bytes]


class Viewer:
    """Serves a dataset's pages to a browser on this machine, until it is closed.

    Only the loopback is listened on. As every user of a machine can reach that, addresses begin with a
    secret, and requests that name another host are refused. Requests name pages by number, so that none
    reaches a file outside the dataset.

    Parameters
    ----------
    shelf
        The pages.
    first
        Number of the page to begin with.
    port
        Port to listen on; 0 for any that is free.

    Raises
    ------
    OutputError
        If the port is taken or not allowed.

    Examples
    --------
    >>> import tempfile, urllib.request
    >>> from pathlib import Path
    >>> from fastecg.dataset.request import Run, Work
    >>> from fastecg.dataset.run import generate
    >>> from fastecg.viewer import open_shelf
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = generate(None, Run(folder, limit=1), Work(workers=0))
    >>> with Viewer(*open_shelf(folder)) as viewer, urllib.request.urlopen(viewer.address) as answer:
    ...     answer.status
    200
    """

    def __init__(self, shelf: Shelf, first: int = 0, port: int = 0) -> None:
        self.secret = secrets.token_urlsafe(12)
        desk = _Desk(shelf, first)
        try:
            self._server = _Server((LOOPBACK, port), desk, self.secret)
        except (OSError, OverflowError) as error:
            raise OutputError(
                f"port {port} cannot be used ({error})", "a free port, 0 to 65535", "leave --port out"
            ) from None
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        """What to open in a browser."""
        return f"http://{LOOPBACK}:{self._server.server_address[1]}/{self.secret}/"

    def serve(self) -> None:
        """Answer until interrupted."""
        self._server.serve_forever(poll_interval=0.2)

    def close(self) -> None:
        """Stop listening."""
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Viewer:
        """Answer from a thread."""
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.05},
            name="fastecg-viewer",
            daemon=True,
        )
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Desk:
    """Turns what is asked below the secret into answers; knows nothing of HTTP but its status."""

    def __init__(self, shelf: Shelf, first: int) -> None:
        self._shelf = shelf
        self._first = first
        self._cameras = Cameras()

    def answer(self, path: str, query: dict[str, list[str]]) -> Answer:
        if path in _ASSETS:
            name, kind = _ASSETS[path]
            return HTTPStatus.OK, kind, _asset(name)
        words = path.split("/")
        if words == ["dataset"]:
            return self._dataset()
        if words == ["recipes"]:
            return _json(sorted({recipe for recipe in self._shelf.recipes() if recipe}))
        if words == ["find"]:
            return _json(self._found(query))
        if len(words) == 3 and words[0] == "page":
            return self._part(words[1], words[2])
        return _missing()

    def _dataset(self) -> Answer:
        shelf = self._shelf
        return _json({"title": shelf.title, "pages": len(shelf.names), "first": self._first})

    def _found(self, query: dict[str, list[str]]) -> list[int]:
        """Return the numbers of the pages whose name holds a text and whose recipe is the one asked for."""
        text, recipe = (query.get(key, [""])[0] for key in ("text", "recipe"))
        wanted, names = text.casefold(), self._shelf.names
        found = [k for k, name in enumerate(names) if wanted in name.casefold()]
        if recipe:
            recipes = self._shelf.recipes()
            found = [k for k in found if recipes[k] == recipe]
        return found

    def _part(self, number: str, part: str) -> Answer:
        if not (number.isascii() and number.isdecimal() and len(number) < 10):
            return _missing()
        k = int(number)
        if k >= len(self._shelf.names):
            return _missing()
        if part == "sight":
            return self._sight(k)
        if part not in {IMAGE, *MASKS}:
            return _missing()
        content = self._shelf.read(k, part)
        for start, kind in _KINDS:
            if content.startswith(start):
                return HTTPStatus.OK, kind, content
        raise OutputError(f"the {part} of {self._shelf.names[k]} is neither PNG nor JPEG")

    def _sight(self, k: int) -> Answer:
        name = self._shelf.names[k]
        seen = sight(self._shelf.read(k, TRUTH), name, self._cameras)
        return _json({"name": name, "number": k, "masks": self._shelf.masks(k), **seen})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = sys.platform != "win32"  # there it would share a port that is in use

    def __init__(self, address: tuple[str, int], desk: _Desk, secret: str) -> None:
        self.desk, self.secret = desk, secret.encode()
        super().__init__(address, _Handler)
        port = self.server_address[1]
        self.hosts = frozenset({f"{LOOPBACK}:{port}", f"localhost:{port}"})

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as inherited
        if not isinstance(sys.exception(), ConnectionError):  # a browser that went elsewhere
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "fastecg"
    sys_version = ""
    timeout = 60

    def do_GET(self) -> None:
        self._send(self._answer())

    def do_HEAD(self) -> None:
        self._send(self._answer(), body=False)

    def log_message(self, *_: Any) -> None:  # noqa: ANN401 - as inherited
        """Say nothing: the terminal is the user's."""

    def _answer(self) -> Answer:
        if self.headers.get("Host") not in self.server.hosts:  # a name that was made to point here
            return _failure(HTTPStatus.FORBIDDEN, "this address is for this machine only")
        if len(self.path) > _LONGEST:
            return _missing()
        try:
            parts = urlsplit(self.path)
            first, _, rest = parts.path.removeprefix("/").partition("/")
            if not secrets.compare_digest(first.encode(), self.server.secret):
                return _missing()
            return self.server.desk.answer(rest, parse_qs(parts.query))
        except FastECGError as error:
            return _failure(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
        except ValueError:  # an address or a query that is none
            return _missing()

    def _send(self, answer: Answer, *, body: bool = True) -> None:
        status, kind, content = answer
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(content)


@cache
def _asset(name: str) -> bytes:
    return (resources.files("fastecg.viewer") / "assets" / name).read_bytes()


def _json(value: Any) -> Answer:  # noqa: ANN401 - whatever JSON can say
    return HTTPStatus.OK, _JSON, orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)


def _missing() -> Answer:
    return _failure(HTTPStatus.NOT_FOUND, "there is nothing here")


def _failure(status: HTTPStatus, message: str) -> Answer:
    return status, _JSON, orjson.dumps({"error": message})
