"""Pages of the web: one request, bounded in time, size and redirections, whatever the server does."""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from typing import Final

from fastecg.errors import PhraseError

TIMEOUT_S: Final = 20.0
MAX_BYTES: Final = 5_000_000
MAX_REDIRECTIONS: Final = 5

_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_SCHEMES: Final = ("http://", "https://")
_MARKUP: Final = ("text/html", "application/xhtml+xml")
_CHUNK: Final = 65_536
_TRY: Final = "save the page as a file and give that"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server sent: bytes, their character set as it names it or "", and whether they are HTML."""

    content: bytes
    charset: str
    markup: bool


def is_address(source: str) -> bool:
    r"""Return whether a source names a page of the web rather than a file.

    Examples
    --------
    >>> is_address("https://example.org/a.html"), is_address("notes/a.html"), is_address(r"C:\a.txt")
    (True, False, False)
    """
    return _ADDRESS.match(source) is not None


def fetch(address: str, *, timeout_s: float = TIMEOUT_S, max_bytes: int = MAX_BYTES) -> Answer:
    """Fetch a page of text.

    Parameters
    ----------
    address
        An http or https address.
    timeout_s
        Seconds for all of it: names, connections, redirections, headers and text. A server that sends byte
        by byte has no more.
    max_bytes
        Most bytes of the text.

    Raises
    ------
    PhraseError
        If the address is none of these, there is no answer in time, it is an error, too large, or not text.

    Examples
    --------
    >>> fetch("ftp://example.org/a.txt")
    Traceback (most recent call last):
    fastecg.errors.PhraseError: ftp://example.org/a.txt cannot be fetched (allowed: http:// or https://)
    """
    if not address.lower().startswith(_SCHEMES):
        raise PhraseError(f"{address:.200} cannot be fetched", "http:// or https://")
    job = _Job(address, timeout_s, max_bytes)
    # On a thread of its own, since looking up a name cannot be bounded in time.
    threading.Thread(target=job.run, daemon=True).start()
    in_time = job.done.wait(timeout_s)
    if not in_time:
        job.give_up()
        raise job.late()
    if job.failure is not None:
        raise job.failure
    return job.answer


@dataclass(slots=True)
class _Job:
    """A request under way."""

    address: str
    timeout_s: float
    max_bytes: int
    done: threading.Event = field(default_factory=threading.Event)
    failure: PhraseError | None = None
    answer: Answer = Answer(b"", "", False)
    _sockets: list[socket.socket] = field(default_factory=list)
    _given_up: bool = False

    def run(self) -> None:
        """Fetch; what comes of it is in ``answer`` or ``failure``."""
        try:
            self.answer = self._fetched()
        except PhraseError as error:
            self.failure = error
        except urllib.error.HTTPError as error:
            with error:
                said = f"the server answers {error.code} {error.reason}"
                self.failure = self._failed(said, "check the address")
        except (
            OSError,
            http.client.HTTPException,
            ValueError,
        ) as error:  # ValueError: a port that is no number
            reason = error.reason if isinstance(error, urllib.error.URLError) else error
            said = str(reason) or type(reason).__name__
            told = self._failed(said, "check the address and the network")
            self.failure = self.late() if isinstance(reason, TimeoutError) else told
        finally:
            self.done.set()

    def late(self) -> PhraseError:
        """Return what is said when the time is up."""
        given = f"{self.address:.200} has not been sent within {self.timeout_s:g} s"
        return PhraseError(given, "", f"try again later, or {_TRY}")

    def give_up(self) -> None:
        """Let the thread end: nothing more is received, whatever it waits for."""
        self._given_up = True
        for connected in self._sockets:
            with contextlib.suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)

    def note(self, connected: socket.socket) -> None:
        """Take down a socket, to be shut when the time is up."""
        self._sockets.append(connected)
        if self._given_up:
            self.give_up()

    def _fetched(self) -> Answer:
        request = urllib.request.Request(self.address, headers={"User-Agent": "fastecg", "Accept": "text/*"})
        with _opener(self.note).open(request, timeout=self.timeout_s) as answer:
            headers: Message = answer.headers
            kind = headers.get_content_type()
            if kind not in _MARKUP and not kind.startswith("text/"):
                raise self._failed(
                    f"it is {kind}", "give the address of a page of text", "plain text or HTML"
                )
            if headers.get("Content-Encoding", "identity").lower() != "identity":
                raise self._failed("it is compressed, though that was not asked for", _TRY)
            declared = answer.length or 0
            content = bytearray()
            while chunk := answer.read1(_CHUNK):
                content += chunk
                if len(content) > self.max_bytes:
                    raise self._failed("it is too large", _TRY, f"{self.max_bytes / 1e6:g} MB")
                if self._given_up:
                    break
            if len(content) < declared:
                missing = declared - len(content)
                raise self._failed(f"the last {missing} bytes are missing", "try again later")
            return Answer(bytes(content), headers.get_content_charset(""), kind in _MARKUP)

    def _failed(self, why: str, action: str, allowed: str = "") -> PhraseError:
        given = f"{self.address:.200} cannot be read: {why}"
        return PhraseError(" ".join(given.split()), allowed, action)


def _opener(note: Callable[[socket.socket], None]) -> urllib.request.OpenerDirector:
    """Return what opens http and https only, and lets the sockets be noted."""
    opener = urllib.request.OpenerDirector()
    handlers = (
        urllib.request.ProxyHandler(), _Http(note), _Https(note), _Redirections(),
        urllib.request.HTTPDefaultErrorHandler(), urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    )  # fmt: skip
    for handler in handlers:
        opener.add_handler(handler)
    return opener


class _Redirections(urllib.request.HTTPRedirectHandler):
    max_redirections = MAX_REDIRECTIONS
    max_repeats = 2


class _Http(urllib.request.HTTPHandler):
    def __init__(self, note: Callable[[socket.socket], None]) -> None:
        super().__init__()
        self._note = note

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_noting(http.client.HTTPConnection, self._note), req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, note: Callable[[socket.socket], None]) -> None:
        super().__init__()
        self._note = note

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_noting(http.client.HTTPSConnection, self._note), req)


def _noting(
    kind: type[http.client.HTTPConnection], note: Callable[[socket.socket], None]
) -> type[http.client.HTTPConnection]:
    """Return a kind of connection that has its socket noted."""

    def connect(self: http.client.HTTPConnection) -> None:
        kind.connect(self)
        note(self.sock)

    return type(f"Noting{kind.__name__}", (kind,), {"connect": connect})
