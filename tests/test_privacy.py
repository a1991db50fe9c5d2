"""Privacy: sentinels in every field of a header, and none of them on the page, in its truth or its code."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from fastecg import Generator, Record, builtin_record
from fastecg.dataset.files import Files
from fastecg.drawing import draw_page
from fastecg.presets import preset_names
from fastecg.recipe import load_recipe, with_privacy
from fastecg.spec import make_spec
from fastecg.stages.fonts import FONTS, Fonts
from fastecg.stages.header_values import _KEYS, header_values

SENTINELS = {key: f"Zq{k:03d}x" for k, key in enumerate(key for keys in _KEYS.values() for key in keys)}
SENTINELS |= {
    "age": "47",
    "Height": "191",
    "weight_kg": "133",
    "comment": "ZqComment",
    "Dx": "164889003,ZqDx",
}
SENTINELS |= {"Date": "03-Feb-1987", "dob": "1939-08-27", "Rx": "ZqRx", "Rhythm": "ZqRhythm", "Sex": "Male"}
NAME = "ZqRecord7"
FONTS_KEPT = Fonts()
EVERYTHING = " ".join(
    f"{{{name}}}" for name in ("id", "name", "dob", "date", "age", "physician", "statements")
)


def secret_record(k: int = 0, leads: tuple[str, ...] = ()) -> Record:
    record = builtin_record(k, sampling_rate_hz=250).record
    named = replace(record, name=NAME, header=SENTINELS)
    return replace(named, leads=(*leads, *record.leads[len(leads) :])) if leads else named


def leaks(texts: list[str]) -> list[str]:
    """Return the texts that hold a sentinel, in any case."""
    secrets = [
        value.casefold() for value in (*SENTINELS.values(), "1939", "1987", "zq", NAME) if len(value) > 3
    ]
    secrets = [value for value in secrets if value not in {"male"}]
    return [text for text in texts if any(secret in text.casefold() for secret in secrets)]


def texts_of(record: Record, values: dict[str, Any]) -> list[str]:
    drawing = draw_page(record, make_spec(values), FONTS_KEPT)
    return [text.text for text in drawing.texts] + [trace.name.text for trace in drawing.traces if trace.name]


def header_of(template: str, **values: Any) -> dict[str, Any]:
    return {
        "enabled": True,
        "template": template,
        "source": "record",
        "qr": True,
        "qr_text": EVERYTHING,
        **values,
    }


@pytest.mark.parametrize("template", preset_names("headers"))
def test_without_privacy_the_sentinels_show(template: str) -> None:
    """The other tests can fail: each template prints some of them."""
    found = leaks(texts_of(secret_record(), {"header": header_of(template, statements=9)}))
    assert len(found) >= 3


@pytest.mark.parametrize("template", preset_names("headers"))
@pytest.mark.parametrize("fill", ["invent", "none"])
def test_no_template_leaks(template: str, fill: str) -> None:
    for key in range(40):
        page = {"size": ("letter", "A4")[key % 2], "header_mm": 40, "footer_mm": 12}
        header = header_of(template, fill=fill, privacy=True, statements=key % 10)
        texts = texts_of(secret_record(key % 3), {"key": key, "page": page, "header": header})
        assert not leaks(texts)
        assert len(texts) > 15
        assert any("999" in text for text in texts), "invented instead"


def test_private_values_do_not_depend_on_the_header() -> None:
    for key in range(20):
        spec = make_spec({"key": key, "header": header_of("plain", privacy=True)})
        bare = replace(secret_record(), name="other", header={})
        assert header_values(secret_record(), spec) == header_values(bare, spec)


def test_names_of_leads_are_from_the_file_too() -> None:
    record = secret_record(leads=("ZqJaneDoe", "II"))
    layout = {"rows": 12, "columns": 1, "order": "all"}
    values = {"layout": layout, "header": header_of("plain")}
    assert "ZqJaneDoe" in texts_of(record, values)
    private = texts_of(record, {**values, "header": header_of("plain", privacy=True)})
    assert not leaks(private)
    assert {"Lead 1", "II", "V6"} <= set(private)
    inverted = {**layout, "order": ["-ZqJaneDoe"]}
    assert "Lead 1" in texts_of(record, {**values, "layout": inverted, "header": {"privacy": True}})


@pytest.mark.pages
@pytest.mark.parametrize("recipe", preset_names("recipes"))
def test_no_recipe_leaks(recipe: str) -> None:
    """Neither the truth nor the page, which is the same as that of a record without header."""
    header = {"choice": [header_of(name) for name in preset_names("headers")] + [{"enabled": False}]}
    private = with_privacy(load_recipe(recipe, {"header": header, "page.dpi": 100}))
    generator = Generator(private)
    for copy in range(4):
        record = secret_record(copy)
        spec = generator.draw(record, copy=copy, seed=5)
        assert spec.header.privacy
        page = generator.render_spec(record, spec)
        truth = json.loads(page.truth.to_json())
        assert not leaks([text["text"] for text in truth["texts"]])
        bare = replace(record, name="other", header={})
        assert generator.render_spec(bare, spec).image.tobytes() == page.image.tobytes()
        del truth["record"]["name"]  # the user's own, as the files' names are
        assert not leaks([json.dumps({key: value for key, value in truth.items() if key != "spec"})])


@pytest.mark.pages
def test_the_code_holds_nothing() -> None:
    header = {**header_of("columns", qr_mm=20), "privacy": True}
    page = {"grid_extent": "frame", "header_mm": 30}
    rendered = Generator("clean").render_spec(secret_record(), make_spec({"page": page, "header": header}))
    held = cv2.QRCodeDetector().detectAndDecode(np.ascontiguousarray(rendered.image))[0]
    assert "999" in held
    assert not leaks([held])


@pytest.mark.parametrize("privacy", [True, False])
def test_the_copy_of_the_record_has_no_comments(tmp_path: Path, privacy: bool) -> None:
    small = {"dpi": 50, "size": "custom", "width_mm": 120, "height_mm": 120}
    spec = make_spec({"page": small, "header": {"privacy": privacy}})
    page = Generator("clean").render_spec(secret_record(), spec)
    Files(annotations=("json", "wfdb")).write(page, tmp_path, "page-0")
    header = (tmp_path / "page-0.hea").read_text(encoding="utf-8")
    assert bool(leaks([header])) is not privacy
    assert ("#" in header) is not privacy


def test_privacy_reaches_every_choice() -> None:
    inner = {
        "choice": [{"enabled": True, "privacy": False}, {"choice": [{"enabled": False}, {"text_mm": 3}]}]
    }
    private = with_privacy(load_recipe("clean", {"header": inner}))
    assert all(private.draw(f"{k}").header.privacy for k in range(40))
    assert with_privacy(load_recipe("clean", {"header.privacy": False})).draw("a").header.privacy
    assert not load_recipe("clean", {"header": inner}).draw("a").header.privacy


def test_typefaces_do_not_matter() -> None:
    for font in FONTS:
        assert not leaks(texts_of(secret_record(), {"header": header_of("bold", font=font, privacy=True)}))
