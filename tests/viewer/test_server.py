"""What the server answers: pages by number, nothing else, and to this machine only."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest

from fastecg.errors import OutputError
from fastecg.viewer import Viewer, open_shelf

pytestmark = pytest.mark.pages


class Asked:
    """A viewer, and how to ask it for a path as it stands: clients of HTTP would tidy it up."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.parts = urlsplit(viewer.address)

    def raw(self, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(str(self.parts.hostname), self.parts.port, timeout=20)
        try:
            connection.putrequest(method, path, skip_host=True)
            for name, value in {"Host": self.parts.netloc, **headers}.items():
                connection.putheader(name, value)
            connection.endheaders()
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def get(self, path: str) -> tuple[int, dict[str, str], bytes]:
        return self.raw(self.parts.path + path)

    def json(self, path: str) -> Any:
        status, headers, content = self.get(path)
        assert (status, headers["Content-Type"]) == (200, "application/json")
        return orjson.loads(content)


@pytest.fixture(scope="module")
def asked(mixed: Path) -> Iterator[Asked]:
    with Viewer(*open_shelf(mixed)) as viewer:
        yield Asked(viewer)


def test_the_page_and_its_parts_come_as_they_are(asked: Asked) -> None:
    for path, kind in {"": "text/html", "viewer.js": "text/javascript", "viewer.css": "text/css"}.items():
        status, headers, content = asked.get(path)
        assert status == 200
        assert headers["Content-Type"].startswith(kind)
        assert len(content) > 1000


def test_the_page_asks_for_nothing_from_elsewhere(asked: Asked) -> None:
    for path in ("", "viewer.js", "tools.js", "zoom.js", "viewer.css"):
        _, headers, content = asked.get(path)
        text = content.decode().replace("http://www.w3.org/2000/svg", "")
        assert "://" not in text
        assert "url(" not in text
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"


def test_a_dataset_is_told_by_its_size_and_its_pages_one_at_a_time(asked: Asked, mixed: Path) -> None:
    assert asked.json("dataset") == {"title": "mixed", "pages": 5, "first": 0}
    seen = asked.json("page/3/sight")
    assert (seen["name"], seen["number"], seen["masks"]) == ("seen/synthetic-0000-0", 3, ["leads", "parts"])
    for number, path, kind in (
        (0, "flat/synthetic-0000-0.png", "png"),
        (4, "seen/synthetic-0001-0.jpg", "jpeg"),
    ):
        status, headers, content = asked.get(f"page/{number}/image")
        assert (status, headers["Content-Type"]) == (200, f"image/{kind}")
        assert content == (mixed / path).read_bytes()
    assert asked.get("page/1/parts")[2] == (mixed / "flat" / "synthetic-0001-0.parts.png").read_bytes()


def test_pages_are_found_by_name_and_recipe(asked: Asked) -> None:
    assert asked.json("recipes") == ["clean", "photo"]
    assert asked.json("find") == [0, 1, 2, 3, 4]
    assert asked.json("find?text=0001") == [1, 4]
    assert asked.json("find?text=SEEN%2F") == [3, 4]
    assert asked.json("find?text=0001&recipe=photo") == [4]
    assert asked.json("find?recipe=none") == []


@pytest.mark.parametrize(
    "path",
    [
        "page/5/image", "page/-1/image", "page/0x1/image", "page/1e3/sight", "page/%D9%A3/image",
        "page/0/truth", "page/0/../../secret", "page/00000000000000001/sight", "page//image", "../viewer.js",
        "server.py",
        "..%2f..%2f..%2f..%2fetc%2fpasswd", "../../../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd", "assets/",
        "viewer.js/", "page/0/image%00", "flat/synthetic-0000-0.png", "//etc/passwd", "find/x",
    ],
)  # fmt: skip
def test_no_other_path_is_answered(asked: Asked, path: str) -> None:
    status, _, content = asked.get(path)
    assert status == 404
    assert orjson.loads(content) == {"error": "there is nothing here"}


@pytest.mark.parametrize(
    "path", ["/", "/viewer.js", "/etc/passwd", "/../../etc/passwd", "/wrong-secret/", "*", "http://[/"]
)
def test_nothing_is_told_without_the_secret(asked: Asked, path: str) -> None:
    assert asked.raw(path)[0] in {400, 404}


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1.evil.example:80", ""])
def test_another_host_is_refused(asked: Asked, host: str) -> None:
    assert asked.raw(asked.parts.path, Host=host)[0] == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_can_be_changed(asked: Asked, method: str) -> None:
    assert asked.raw(asked.parts.path, method)[0] == 501


def test_a_head_has_no_body(asked: Asked) -> None:
    status, headers, content = asked.raw(asked.parts.path + "viewer.js", "HEAD")
    assert (status, content) == (200, b"")
    assert int(headers["Content-Length"]) > 1000


def test_only_the_loopback_is_listened_on(asked: Asked) -> None:
    assert asked.parts.hostname == "127.0.0.1"
    others = {str(found[4][0]) for found in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    others.add("127.0.0.2")  # which Linux answers too where all addresses are listened on
    for address in others - {"127.0.0.1"}:
        with socket.socket() as client:
            client.settimeout(2)
            assert client.connect_ex((address, asked.parts.port)) != 0


def test_two_viewers_have_two_secrets(mixed: Path) -> None:
    with Viewer(*open_shelf(mixed)) as one, Viewer(*open_shelf(mixed)) as two:
        assert one.secret != two.secret
        assert Asked(one).raw(f"/{two.secret}/")[0] == 404


def test_a_damaged_page_says_so_and_the_next_one_is_shown(mixed: Path, tmp_path: Path) -> None:
    source = mixed / "flat" / "synthetic-0000-0"
    for name in ("a", "b"):
        for ending in (".png", ".json"):
            (tmp_path / (name + ending)).write_bytes(source.with_suffix(ending).read_bytes())
    (tmp_path / "a.json").write_text("{", encoding="utf-8")
    (tmp_path / "a.png").write_text("<script>", encoding="utf-8")
    with Viewer(*open_shelf(tmp_path)) as viewer:
        asked = Asked(viewer)
        for part, said in (("sight", "the truth of a is no JSON"), ("image", "neither PNG nor JPEG")):
            status, _, content = asked.get(f"page/0/{part}")
            assert status == 422
            assert said in orjson.loads(content)["error"]
        assert asked.json("page/1/sight")["name"] == "b"


def test_a_port_that_is_taken_is_an_error_of_ours(asked: Asked, mixed: Path) -> None:
    shelf, first = open_shelf(mixed)
    for port in (asked.parts.port, 70_000):
        with pytest.raises(OutputError, match=f"port {port} cannot be used.*leave --port out"):
            Viewer(shelf, first, int(str(port)))
