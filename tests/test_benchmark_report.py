"""The table of `fastecg bench` as files: the same figures in Markdown, JSON and bars."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

from fastecg.benchmark import Row
from fastecg.benchmark_report import as_json, as_markdown, as_svg

HOST = "A <fast> machine & more, 8 CPUs"
ROWS = [
    Row("distortionless", 0.035, 2.05, 0.005, 0.0004, cores_s=0.001),
    Row("  its PNG", None, None, 0.006, 0.0001),
    Row("perspective", 0.065, 2.03, 0.01, 0.001, gpu_s=0.0005),
]


def test_markdown_has_a_row_for_each() -> None:
    lines = as_markdown(ROWS, HOST).splitlines()
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    assert len({len(row) for row in table}) == 1
    head, _, clean, png, view = table
    assert dict(zip(head, clean, strict=True)) | {"IQR": "", "GPU": ""} == {
        "stage": "distortionless",
        "cluster*": "0.035",
        "desktop*": "2.05",
        "1 thread": "0.0050",
        "IQR": "",
        "all cores": "0.0010",
        "GPU": "",
        "x cluster": "7.0",
        "x desktop": "410",
    }
    assert png[0].strip("\u2003 ") == "its PNG"
    assert png[1:3] == ["", ""]
    assert view[head.index("GPU")] == "0.0005"
    assert HOST in as_markdown(ROWS, HOST)


def test_json_has_the_values() -> None:
    told = json.loads(as_json(ROWS, HOST))
    assert told["host"] == HOST
    assert [row["ours_s"] for row in told["rows"]] == [0.005, 0.006, 0.01]
    assert [row["part"] for row in told["rows"]] == [False, True, False]
    assert told["rows"][2]["gpu_s"] == 0.0005


def test_bars_are_longer_for_longer_times() -> None:
    root = ET.fromstring(as_svg(ROWS, HOST))
    names = {"{http://www.w3.org/2000/svg}title"}
    bars = [rect for rect in root if any(child.tag in names for child in rect)]
    assert len(bars) == 4 + 4  # published twice, one thread, and all cores or the GPU
    timed = sorted((float((bar[0].text or "").split()[-2]), float(bar.get("width", ""))) for bar in bars)
    assert [width for _, width in timed] == sorted(width for _, width in timed)
    assert timed[0][1] >= 0
    assert any(HOST in (text.text or "") for text in root)
