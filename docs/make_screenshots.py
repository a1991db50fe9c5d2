"""Makes the picture of the viewer anew: ``python docs/make_screenshots.py``.

Needs Chromium, its driver and Selenium (the dependency group ``browser``). Look at the picture before it is
committed.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

from PIL import Image

from fastecg.dataset.request import Run, Work
from fastecg.dataset.run import generate
from fastecg.formats.registry import make_writer
from fastecg.viewer import Viewer, open_shelf

IMAGES: Final = Path(__file__).parent / "images"
WINDOW: Final = (1360, 860)
FLAGS: Final = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars")


def main() -> None:
    """Write the picture of the viewer."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "pages"
        writer = make_writer("files", image="jpeg", annotations=("json", "masks"))
        run = Run(output, "photo", seed=3, limit=6, files=writer)
        generate(None, run, Work(workers=0))
        with Viewer(*open_shelf(output)) as viewer:
            driver = _chromium(Path(folder) / "profile")
            try:
                _show(driver, viewer)
                picture = Image.open(io.BytesIO(driver.get_screenshot_as_png())).convert("RGB")
            finally:
                driver.quit()
    picture.save(IMAGES / "view.jpg", quality=74, optimize=True)


def _chromium(profile: Path) -> Any:  # noqa: ANN401 - whatever Selenium drives
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    size = f"--window-size={WINDOW[0]},{WINDOW[1] + 140}"
    for flag in (*FLAGS, size, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    return webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))


def _show(driver: Any, viewer: Viewer) -> None:  # noqa: ANN401 - as above
    """Go to the second page and point at a beat of V4."""
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.support.ui import WebDriverWait

    driver.get(f"{viewer.address}#page=2")
    WebDriverWait(driver, 60).until(
        lambda _: driver.execute_script("return document.documentElement.dataset.page") == "2"
    )
    left, top = driver.execute_script(
        "const lead = [...document.querySelectorAll('#truth .trace')][9];"
        "const point = lead.getPointAtLength(lead.getTotalLength() * 0.415);"
        "const image = document.getElementById('image'), box = image.getBoundingClientRect();"
        "const scale = box.width / image.naturalWidth, stage = document.getElementById('stage');"
        "const middle = stage.getBoundingClientRect();"
        "return [box.left + point.x * scale - middle.left - middle.width / 2,"
        "        box.top + point.y * scale - middle.top - middle.height / 2]"
    )
    stage = driver.find_element("id", "stage")
    ActionChains(driver).move_to_element_with_offset(stage, round(left), round(top)).perform()


if __name__ == "__main__":
    main()
