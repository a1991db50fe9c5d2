"""The viewer in headless Chromium, with real clicks, keys and a pointer; needs its driver and Selenium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

import fastecg
from fastecg.viewer import Viewer, open_shelf

pytestmark = [pytest.mark.browser, pytest.mark.pages]
FLAGS = (
    "--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--window-size=1400,900",
)  # fmt: skip
SECONDS = 30


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Return a browser of its own, with a profile that is new."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    service = shutil.which("chromedriver")
    if not browser or not service:
        pytest.skip("no Chromium: install the packages chromium and chromium-driver")
    webdriver = pytest.importorskip("selenium.webdriver", reason="no Selenium: use nox -s browser")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    profile = tmp_path_factory.mktemp("profile")
    for flag in (*FLAGS, f"--user-data-dir={profile}", *(["--no-sandbox"] if root else [])):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    running = webdriver.Chrome(options, webdriver.ChromeService(service))
    yield running
    running.quit()


class Window:
    """The viewer's page in a browser."""

    def __init__(self, driver: Any, viewer: Viewer) -> None:
        self.driver = driver
        self.viewer = viewer
        driver.get("about:blank")
        driver.get_log("performance")  # what the browser showed before
        driver.get(viewer.address)
        self.wait(lambda: self.page)

    def wait(self, reached: Callable[[], Any]) -> None:
        from selenium.webdriver.support.ui import WebDriverWait

        WebDriverWait(self.driver, SECONDS, 0.05).until(lambda _: reached())

    def find(self, selector: str) -> Any:
        return self.driver.find_element("css selector", selector)

    def text(self, selector: str) -> str:
        return str(self.find(selector).text)

    @property
    def page(self) -> str:
        return str(self.driver.execute_script("return document.documentElement.dataset.page ?? ''"))

    def reads(self, selector: str, text: str) -> None:
        """Wait until an element says something."""
        self.wait(lambda: self.text(selector) == text)

    def shows(self, page: str) -> None:
        """Wait until a page is there, by its number from 1."""
        self.wait(lambda: self.page == page)

    def press(self, keys: str) -> None:
        self.find("#stage").send_keys(keys)

    def screen(self, x: float, y: float) -> tuple[float, float]:
        """Return where a pixel of the image is on the screen."""
        box = self.driver.execute_script(
            "const box = document.getElementById('image').getBoundingClientRect();"
            "return [box.left, box.top, box.width / document.getElementById('image').naturalWidth]"
        )
        return box[0] + x * box[2], box[1] + y * box[2]

    def point(self, x: float, y: float) -> None:
        """Move the pointer to a pixel of the image."""
        from selenium.webdriver.common.actions.action_builder import ActionBuilder

        actions = ActionBuilder(self.driver, duration=0)
        left, top = self.screen(x, y)
        pointer: Any = actions.pointer_action
        pointer.move_to_location(round(left), round(top))
        actions.perform()


@pytest.fixture
def window(driver: Any, mixed: Path) -> Iterator[Window]:
    with Viewer(*open_shelf(mixed)) as viewer:
        yield Window(driver, viewer)


def test_a_click_shows_the_next_page_and_the_keys_go_on(window: Window) -> None:
    assert (window.text("#name"), window.text("#count")) == ("flat/synthetic-0000-0", "of 5")
    assert not window.find("#previous").is_enabled()
    window.find("#next").click()
    window.shows("2")
    assert window.text("#name") == "flat/synthetic-0001-0"
    from selenium.webdriver.common.keys import Keys

    for keys, page in ((Keys.END, "5"), (Keys.ARROW_LEFT, "4"), (Keys.HOME, "1"), (Keys.ARROW_RIGHT, "2")):
        window.press(keys)
        window.shows(page)
    place = window.find("#place")
    place.click()
    place.send_keys("4" + Keys.ENTER)
    window.shows("4")
    assert window.text("#name") == "seen/synthetic-0000-0"


def test_a_click_switches_a_layer_and_so_does_its_number(window: Window) -> None:
    def shown() -> bool:
        return bool(window.find("#layer-boxes").is_displayed())

    assert shown()
    window.find("#show-boxes").click()
    window.wait(lambda: not shown())
    window.press("2")
    window.wait(shown)
    assert not window.find("#layer-grid path.major").is_displayed()
    window.press("6")
    window.wait(lambda: window.find("#layer-grid path.major").is_displayed())


@pytest.mark.parametrize("mask", ["leads", "parts"])
def test_a_mask_lies_over_its_pixels(window: Window, mask: str, mixed: Path) -> None:
    from PIL import Image

    window.find(f"#show-{mask}").click()
    window.wait(lambda: window.find("#mask").is_displayed())
    alpha = window.driver.execute_script(
        "const mask = document.getElementById('mask'), width = mask.width, height = mask.height;"
        "const { data } = mask.getContext('2d').getImageData(0, 0, width, height);"
        "let bits = ''; for (let k = 3; k < data.length; k += 4) bits += data[k] ? 1 : 0;"
        "return [width, bits]"
    )
    with Image.open(mixed / "flat" / f"synthetic-0000-0.{mask}.png") as image:
        labels = np.asarray(image)
    seen = np.frombuffer(alpha[1].encode(), np.uint8).reshape(-1, alpha[0]) == ord("1")
    assert np.array_equal(seen, labels > (1 if mask == "parts" else 0))


@pytest.mark.parametrize("page", [1, 5])
def test_the_pointer_reads_what_the_record_says(window: Window, page: int, mixed: Path) -> None:
    window.driver.execute_script(f"location.hash = '#page={page}'")
    window.shows(str(page))
    path = mixed / ("flat/synthetic-0000-0.json" if page == 1 else "seen/synthetic-0001-0.json")
    truth = orjson.loads(path.read_bytes())
    record = fastecg.builtin_record(0 if page == 1 else 1, seed=3).record
    width = truth["image"]["width"]
    for number, k in ((0, 40), (4, 300), (len(truth["leads"]) - 1, 2222)):
        lead = truth["leads"][number]
        if not 0 < lead["trace"][k][0] < width:
            continue
        window.point(*lead["trace"][k])
        name = lead["name"] + (" (rhythm)" if lead["kind"] == "rhythm" else "")
        window.reads("#reading .lead", name)
        told = window.text("#reading").replace("\N{MINUS SIGN}", "-").replace(",", "")
        words = told.split()
        sample = int(words[words.index("sample") + 1])
        assert abs(sample - lead["start_sample"] - k) <= 3  # the pointer stops at whole pixels
        time, mv = (float(words[words.index(unit) - 1]) for unit in ("s", "mV"))
        assert time == pytest.approx(sample / record.sampling_rate_hz, abs=5e-4)
        samples = record.lead(lead["name"].removeprefix("-"))
        assert mv == pytest.approx(float(samples[sample]), abs=2.5e-3)
        assert lead["name"] in window.text("#tip")


def test_words_are_read_too(window: Window, mixed: Path) -> None:
    truth = orjson.loads((mixed / "flat" / "synthetic-0000-0.json").read_bytes())
    speed = next(one for one in truth["texts"] if one["kind"] == "speed")
    window.point(*np.mean(speed["quad"], axis=0))
    window.reads("#tip", f"speed{speed['text']}")


def test_samples_are_read_with_the_keys(window: Window) -> None:
    window.find("#leads button").click()
    window.press("...")
    window.wait(lambda: "sample 3" in window.text("#reading"))
    assert window.text("#reading .lead") == "I"
    window.press(",")
    window.wait(lambda: "sample 2" in window.text("#reading"))


def test_pages_are_filtered(window: Window) -> None:
    from selenium.webdriver.support.ui import Select

    recipes = Select(window.find("#recipe"))
    window.wait(lambda: len(recipes.options) == 3)
    recipes.select_by_visible_text("photo")
    window.reads("#name", "seen/synthetic-0000-0")
    assert window.text("#count") == "of 2 found"
    window.find("#text").send_keys("0001")
    window.reads("#name", "seen/synthetic-0001-0")
    assert not window.find("#next").is_enabled()
    recipes.select_by_visible_text("All recipes")
    window.reads("#count", "of 2 found")
    assert window.find("#previous").is_enabled()


def test_it_zooms_about_the_pointer(window: Window) -> None:
    before = window.screen(0, 0)
    window.find("#larger").click()
    window.wait(lambda: window.screen(0, 0) != before)
    window.press("0")
    window.wait(lambda: window.screen(0, 0) == before)


def test_a_damaged_page_says_so(driver: Any, mixed: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        for ending in (".png", ".json"):
            content = (mixed / "flat" / f"synthetic-0000-0{ending}").read_bytes()
            (tmp_path / (name + ending)).write_bytes(content)
    (tmp_path / "a.json").write_text("{}", encoding="utf-8")
    with Viewer(*open_shelf(tmp_path)) as viewer:
        window = Window(driver, viewer)
        assert "no truth of fastecg" in window.text("#failure")
        window.find("#next").click()
        window.reads("#name", "b")
        assert not window.find("#failure").is_displayed()


def test_nothing_else_was_asked_and_nothing_went_wrong(window: Window) -> None:
    window.press("689")
    window.wait(lambda: window.find("#mask").is_displayed())
    log = window.driver.get_log("browser")  # of all tests of this file
    refused = [line for line in log if line["level"] == "SEVERE" and " 422 " not in line["message"]]
    assert not refused
    events = [orjson.loads(line["message"])["message"] for line in window.driver.get_log("performance")]
    asked = {
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    }
    assert any(url.startswith(window.viewer.address) for url in asked)
    here = (f"http://{window.viewer.address.split('/')[2]}/", "blob:http://127.0.0.1:")
    assert [url for url in sorted(asked) if not url.startswith(here)] == []
