"""Pages of the web, from servers that behave and servers that do not."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from fastecg.errors import PhraseError
from fastecg.phrases import find_phrases, reading, web
from fastecg.phrases.web import fetch

PAGE = "<html><body><p>Known atrial fibrillation, Ménière.</p></body></html>"


class Site(BaseHTTPRequestHandler):
    """Answers each path in its own way."""

    ended: ClassVar[threading.Event] = threading.Event()
    asked: ClassVar[list[str]] = []

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self.asked.append(self.path)
        getattr(self, f"say_{self.path.strip('/').partition('?')[0]}")()

    def answer(self, content: bytes, kind: str, **headers: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        for name, value in ({"Content_Length": str(len(content))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def trickle(self, content: bytes) -> None:
        """Send a byte every 20 ms until nobody listens."""
        try:
            while not self.ended.wait(0.02):
                self.wfile.write(content)
                self.wfile.flush()
        except OSError:
            self.ended.set()

    def say_html(self) -> None:
        self.answer(PAGE.encode(), "text/html; charset=utf-8")

    def say_latin(self) -> None:
        self.answer("sinus rhythm, é".encode("latin-1"), "text/plain; charset=iso-8859-1")

    def say_missing(self) -> None:
        self.send_error(404, "Not\tHere")

    def say_broken(self) -> None:
        self.send_error(500)

    def say_picture(self) -> None:
        self.answer(b"\x89PNG", "image/png")

    def say_packed(self) -> None:
        self.answer(b"\x1f\x8b", "text/plain", Content_Encoding="gzip")

    def say_large(self) -> None:
        self.answer(b"AF " * 100_000, "text/plain")

    def say_endless(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"AF " * 10_000)
        except OSError:
            pass

    def say_cut(self) -> None:
        self.answer(b"AF ", "text/plain", Content_Length="1000")

    def say_binary(self) -> None:
        self.answer(b"AF \0\1", "text/plain")

    def say_hang(self) -> None:
        self.ended.wait(60)

    def say_drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.trickle(b"A")

    def say_heads(self) -> None:
        self.wfile.write(b"HTTP/1.0 200 OK\r\nX-Long: ")
        self.trickle(b"x")

    def say_nonsense(self) -> None:
        self.wfile.write(b"this is no answer\r\n\r\n")

    def redirect(self, to: str) -> None:
        self.send_response(302)
        self.send_header("Location", to)
        self.end_headers()

    def say_moved(self) -> None:
        self.redirect("/html")

    def say_loop(self) -> None:
        self.redirect("/loop")

    def say_far(self) -> None:
        number = int(self.path.partition("?")[2] or 0)
        self.redirect(f"/far?{number + 1}")

    def say_file(self) -> None:
        self.redirect("file:///etc/hostname")

    def say_ftp(self) -> None:
        self.redirect("ftp://127.0.0.1/a.txt")


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    Site.ended.clear()
    Site.asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    Site.ended.set()
    server.shutdown()
    server.server_close()
    thread.join()


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(PhraseError) as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 400
    return message


def test_a_page_gives_its_terms(site: str) -> None:
    assert find_phrases(f"{site}/html").texts == ("atrial fibrillation",)
    assert find_phrases(f"{site}/latin").texts == ("sinus rhythm",)
    assert find_phrases(f"{site}/moved").texts == ("atrial fibrillation",)


def test_a_page_is_fetched_once_in_a_process(site: str) -> None:
    for _ in range(3):
        find_phrases(f"{site}/html")
    assert Site.asked == ["/html"]


def test_charset_and_kind_are_the_servers(site: str) -> None:
    assert fetch(f"{site}/latin") == web.Answer(
        "sinus rhythm, é".encode("latin-1"), "iso-8859-1", markup=False
    )
    assert fetch(f"{site}/html").markup


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("missing", "cannot be read: the server answers 404 Not Here; check the address"),
        ("broken", "the server answers 500"),
        ("picture", "it is image/png (allowed: plain text or HTML)"),
        ("packed", "it is compressed"),
        ("cut", "the last 997 bytes are missing"),
        ("nonsense", "this is no answer"),
        ("loop", "the server answers 302"),
        ("far", "the server answers 302"),
        ("file", "the server answers 302"),
        ("ftp", "unknown url type"),
    ],
)
def test_answers_that_are_no_text(site: str, path: str, said: str) -> None:
    message = refusal(lambda: find_phrases(f"{site}/{path}"))
    assert said in message
    assert f"{site}/{path}" in message


def test_redirections_are_few(site: str) -> None:
    refusal(lambda: fetch(f"{site}/far"))
    assert len(Site.asked) == web.MAX_REDIRECTIONS + 1


@pytest.mark.parametrize("path", ["large", "endless"])
def test_too_large(site: str, path: str) -> None:
    message = refusal(lambda: fetch(f"{site}/{path}", max_bytes=100_000))
    assert "it is too large (allowed: 0.1 MB); save the page as a file" in message


def test_binary_that_is_called_text(site: str) -> None:
    assert "is not text" in refusal(lambda: find_phrases(f"{site}/binary"))


@pytest.mark.parametrize("path", ["hang", "drip", "heads"])
def test_the_time_is_for_all_of_it(site: str, path: str) -> None:
    before = threading.active_count()
    started = time.monotonic()
    message = refusal(lambda: fetch(f"{site}/{path}", timeout_s=0.4))
    assert "has not been sent within 0.4 s; try again later, or save the page as a file" in message
    assert time.monotonic() - started < 5
    if path != "hang":
        assert Site.ended.wait(5), "the server still has somebody to send to"
    Site.ended.set()
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before, "the request goes on"


def test_the_default_time_is_used(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "TIMEOUT_S", 0.3)
    assert "within 0.3 s" in refusal(lambda: find_phrases(f"{site}/hang"))


def test_nobody_answers() -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    assert "check the address and the network" in refusal(lambda: fetch(f"http://127.0.0.1:{port}/a"))


@pytest.mark.parametrize(
    "address", ["http://", "http://host:port/a", "http://[::1/a", "https://a b/", "http://a\n.org/"]
)
def test_addresses_that_are_none(address: str) -> None:
    assert "cannot be read" in refusal(lambda: fetch(address, timeout_s=5))
