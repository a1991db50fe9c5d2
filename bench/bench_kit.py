"""Pages of ECG-Image-Kit's command line: ours, and where it is installed the kit's own beside them.

2200 × 1700 pixels, 12 leads of 10 s at 500 Hz. Both read the record, make the page, and write the image, the
JSON (where the flags ask for it) and the WFDB copy; both count CPU seconds of one thread, by turns.

The kit is not ours to ship. To have it run, name the folder of its scripts, and a Python that has what they
import, in FASTECG_PEER_KIT (``…/codes/ecg-image-generator``) and FASTECG_PEER_PYTHON.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest

import fastecg
from bench.conftest import Measure
from bench.ratios import Job, seconds
from fastecg.formats.kit import KitFiles
from fastecg.formats.wfdb_copy import write_wfdb
from fastecg.formats.writer import PageName
from fastecg.kit.flags import parse_flags
from fastecg.kit.recipe import kit_recipe
from fastecg.pipeline import Generator

Peer = Callable[[str], dict[str, Any]]
"""Makes a page of some flags and answers with its CPU seconds, or why it could not."""

FLAGS: Final = {
    "clean": "",
    "JSON and boxes": "--store_config 2 --lead_bbox --lead_name_bbox",
    "printed text": "-ph --add_qr_code",
    "handwriting": "--hw_text",
    "wrinkles and creases": "--wrinkles",
    "turn, crop, noise, colour": "--augment -rot 5 --store_config 1",
    "all but handwriting": "-ph --add_qr_code --wrinkles --augment -rot 5 --store_config 2",
    "all": "-ph --add_qr_code --hw_text --wrinkles --augment -rot 5 --store_config 2",
}
RECORDS: Final = 4
ROUNDS: Final = 3
OURS_A_ROUND: Final = 5
"""Ours is so much shorter than theirs that each round takes the median of a few."""
WARM_PAGES: Final = 24
"""Pages before the clock starts: by then every sheet of wrinkles is quilted, as in a dataset."""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of records."""
    folder = tmp_path_factory.mktemp("records")
    for record in fastecg.builtin_records(RECORDS):
        write_wfdb(folder, record.name, record)
    return folder


def page_job(source: Path, output: Path, flags: str) -> Job:
    """Return a job that makes the next page of some flags, all files included."""
    asked = parse_flags(["-i", str(source), "-o", str(output), *flags.split()])
    generator = Generator(kit_recipe(asked))
    files = KitFiles(asked.store_config, asked.lead_bbox, asked.lead_name_bbox)
    paths = sorted(source.glob("*.hea"))
    numbers = count()
    output.mkdir(exist_ok=True)

    def job() -> None:
        number = next(numbers)
        record = fastecg.read_record(paths[number % len(paths)])
        spec = generator.draw(record, seed=number)
        page = generator.render_spec(record, spec)
        for piece in files.encode(page, PageName(number, record.name, 0, 0)).files:
            (output / piece.path).write_bytes(piece.content)

    return job


def warmed(job: Job, flags: str) -> Job:
    """Return the job after as many pages as it takes until nothing is new to it."""
    for _ in range(WARM_PAGES if "--wrinkles" in flags else 1):
        job()
    return job


@pytest.mark.parametrize("name", FLAGS)
@pytest.mark.benchmark(group="kit")
def test_kit_page(measure: Measure, source: Path, tmp_path: Path, name: str) -> None:
    """Our page of some flags with all its files."""
    measure(warmed(page_job(source, tmp_path / "pages", FLAGS[name]), FLAGS[name]))
    measure.per_second("pages", 1)


@pytest.fixture(scope="module")
def peer(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """Return a function that has the kit make a page of some flags; skip where the kit is not there."""
    kit, python = os.environ.get("FASTECG_PEER_KIT"), os.environ.get("FASTECG_PEER_PYTHON")
    if not (kit and python):
        pytest.skip("ECG-Image-Kit is not here: FASTECG_PEER_KIT and FASTECG_PEER_PYTHON name it")
    driver = Path(__file__).parent / "reference" / "ecg_image_kit.py"
    output = tmp_path_factory.mktemp("theirs")
    process = subprocess.Popen(
        [python, str(driver), kit, str(source), str(output)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
        text=True,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        asks, answers = process.stdin, process.stdout

        def page(flags: str) -> dict[str, Any]:
            asks.write(f"{flags}\n")
            asks.flush()
            answer: dict[str, Any] = json.loads(answers.readline() or '{"error": "it ended"}')
            return answer

        yield page
        asks.close()


def test_kit_ratios(source: Path, peer: Peer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Print how many times faster ours is: the median of the rounds, and the lowest and highest."""
    lines = []
    for name, flags in FLAGS.items():
        error = peer(flags)["error"]
        if error:
            lines.append(f"  {'-':>6}    {name}: the kit cannot do that here ({error})")
            continue
        job = warmed(page_job(source, tmp_path / "pages", flags), flags)
        rounds = [
            (seconds(job, OURS_A_ROUND, time.process_time), float(peer(flags)["seconds"]))
            for _ in range(ROUNDS)
        ]
        found = sorted(theirs / ours for ours, theirs in rounds)
        mine, its = (1e3 * statistics.median(each) for each in zip(*rounds, strict=True))
        lines.append(
            f"  {statistics.median(found):6.1f} x ({found[0]:.1f} to {found[-1]:.1f})  {name}: "
            f"{mine:.1f} ms, the kit {its:.0f} ms"
        )
    with capsys.disabled():
        print("\n\nTimes faster than ECG-Image-Kit:", *lines, sep="\n")  # noqa: T201 - the result of the run
