"""Handwriting: on the page as asked for, true to its truth, and the same for the same spec."""

from __future__ import annotations

import json
from typing import Any

import cv2
import numpy as np
import pytest

from fastecg import Generator, Page, builtin_record, render
from fastecg.errors import FastECGError, RecipeError
from fastecg.recipe import load_recipe
from fastecg.spec import make_spec

RECORD = builtin_record(0, sampling_rate_hz=250).record
BLANK: dict[str, Any] = {"paper": "blank", "plot": {"ink": [255, 255, 255]}, "page": {"dpi": 150}}
"""Pages on which only handwriting shows."""
PHOTO: dict[str, Any] = {
    "enabled": True,
    "tilt_x_deg": 12,
    "roll_deg": 4,
    "fill": 0.92,
    "curl": {"height_mm": 8},
    "below": {"surface": "white", "shadow_depth": 0},
}

pytestmark = pytest.mark.pages


def page_of(seed: int = 0, *, scene: dict[str, Any] | None = None, **values: Any) -> Page:
    return render(RECORD, seed=seed, handwriting={"enabled": True, **values}, **{**BLANK, **(scene or {})})


@pytest.mark.parametrize("pen", ["ballpoint", "felt", "pencil"])
def test_only_handwriting_darkens_a_blank_page(pen: str) -> None:
    page = page_of(pen=pen, marks=3, signature=True, color=[20, 40, 140])
    tint = np.array(page.spec.paper.tint)
    dark = (page.image.astype(int) < tint - 12).any(axis=2)
    assert 300 < dark.sum() < 0.1 * dark.size
    assert (page.masks.handwriting()[dark] > 0).all()
    deepest = page.image[dark].min(axis=0)
    assert deepest[2] > deepest[0] + 40  # blue


def test_nothing_is_written_unless_asked_for() -> None:
    page = page_of(enabled=False, notes=5)
    assert page.truth.to_dict()["handwriting"] == []
    assert not page.masks.handwriting().any()
    assert np.array_equal(page.image, render(RECORD, **BLANK).image)


def test_notes_say_what_they_are_told_to() -> None:
    texts = ["AF with RVR", "seen\nno change", "HR 72"]
    written = page_of(notes=3, texts=texts).truth.to_dict()["handwriting"]
    assert [note["text"] for note in written] == texts
    assert [word["text"] for word in written[1]["words"]] == ["seen", "no", "change"]
    assert all(note["kind"] == "note" for note in written)


def test_long_lines_are_broken() -> None:
    text = "left ventricular hypertrophy with strain pattern"
    for line_mm, lines in ((300.0, 1), (25.0, 4)):
        (note,) = page_of(notes=1, texts=[text], line_mm=line_mm).truth.to_dict()["handwriting"]
        assert note["text"].replace("\n", " ") == text
        found = note["text"].count("\n") + 1
        assert found == 1 if lines == 1 else found >= lines


def test_marks_and_signature_are_counted() -> None:
    kinds = [w["kind"] for w in page_of(3, notes=0, marks=4, signature=True).truth.to_dict()["handwriting"]]
    assert kinds[-1] == "signature"
    assert sum(kind in ("circle", "arrow", "underline") for kind in kinds) == 4


@pytest.mark.parametrize("scene", [{}, {"perspective": PHOTO}], ids=["flat", "photo"])
def test_the_pen_s_way_lies_on_its_ink(scene: dict[str, Any]) -> None:
    """By the pixels alone: nearly every point of the truth is on dark ink, and ink is near such a point."""
    page = page_of(
        2, scene=scene, notes=4, pressure=0.0, width_mm=0.6, tremor=0.0, signature=True, color=[0, 0, 0]
    )
    paper = page.masks.paper() == 255
    dark = np.where(paper, 255 - page.image[:, :, 1].astype(np.float32), 0)
    strokes = [
        np.array(stroke)
        for w in page.truth.to_dict()["handwriting"]
        for stroke in w["strokes"]
        if len(stroke)
    ]
    points = np.concatenate(strokes)
    maps = (points - 0.5).astype(np.float32)
    on = cv2.remap(dark, maps[:, :1], maps[:, 1:], cv2.INTER_LINEAR)[:, 0]
    assert (on > 200).mean() > 0.98
    distance = cv2.distanceTransform(255 - _drawn(strokes, dark.shape), cv2.DIST_L2, 5)
    assert (distance[dark > 128] < 4.5).mean() > 0.98
    # a fault planted: two pixels aside half of the points have left the ink
    aside = cv2.remap(dark, maps[:, :1] + 4, maps[:, 1:] + 4, cv2.INTER_LINEAR)[:, 0]
    assert (aside > 200).mean() < 0.6


def _drawn(strokes: list[Any], shape: tuple[int, ...]) -> Any:
    image = np.zeros(shape, np.uint8)
    for stroke in strokes:
        cv2.polylines(image, [np.round(stroke - 0.5).astype(np.int32)], isClosed=False, color=255)
    return image


def test_quads_hold_their_ink() -> None:
    page = page_of(5, notes=1, texts=["QTc 440"], tilt_deg=25, width_mm=0.5)
    (note,) = page.truth.to_dict()["handwriting"]
    mask = np.zeros(page.image.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(np.array(note["quad"]) - 0.5).astype(np.int32)], 255)
    grown = cv2.dilate(mask, np.ones((5, 5), np.uint8))
    ink = page.masks.handwriting() > 20
    assert (grown[ink] > 0).mean() > 0.995
    box = page.masks.handwriting()[mask > 0]
    assert (box > 20).mean() > 0.05
    for word in note["words"]:
        x, y = np.array(word["quad"]).mean(axis=0).astype(int)
        assert grown[y, x] > 0


def test_the_same_spec_gives_the_same_ink_and_another_key_another() -> None:
    one, again, other = page_of(1, notes=3), page_of(1, notes=3), page_of(2, notes=3)
    assert np.array_equal(one.image, again.image)
    assert one.truth.to_json() == again.truth.to_json()
    assert not np.array_equal(one.image, other.image)


def test_letters_are_as_large_as_asked_for_at_any_dpi() -> None:
    heights = []
    for dpi, size in ((100, 3.0), (200, 3.0), (200, 6.0)):
        page = page_of(4, scene={"page": {"dpi": dpi}}, notes=1, texts=["ammo"], size_mm=size, tilt_deg=0)
        (note,) = page.truth.to_dict()["handwriting"]
        heights.append(np.ptp(np.array(note["words"][0]["quad"])[:, 1]) / dpi * 25.4)
    assert heights[0] == pytest.approx(heights[1], rel=0.1)
    assert heights[2] == pytest.approx(2 * heights[1], rel=0.15)
    assert 2.2 < heights[1] < 6.5


def test_ink_over_a_trace_never_lightens_it() -> None:
    scene = {"plot": {"ink": [10, 10, 10]}}
    written = page_of(1, scene=scene, notes=6, where="traces", color=[60, 90, 220])
    bare = render(RECORD, seed=1, **{**BLANK, **scene})
    assert (written.image <= bare.image).all()
    over = (written.masks.handwriting() > 60) & (written.masks.traces() > 60)
    assert over.sum() > 20


def test_the_clean_twin_has_none_and_the_truth_is_json() -> None:
    page = page_of(notes=3)
    assert np.array_equal(page.clean(), render(RECORD, **BLANK).image)
    truth = json.loads(page.truth.to_json())
    assert len(truth["handwriting"]) == 3
    assert truth["handwriting"][0]["strokes"][0][0][0] > 0


def test_pages_in_a_row_are_those_rendered_alone() -> None:
    """Fresh words of several pages are written side by side, and change nothing."""
    hand = {"enabled": True, "fresh": 0.7, "notes": 2}
    generator = Generator("clean", overrides={"handwriting": hand, "page.dpi": 60})
    together = list(generator.render([RECORD], seed=3, copies=3))
    for copy, page in enumerate(together):
        other = Generator("clean", overrides={"handwriting": hand, "page.dpi": 60})
        alone = other.render_spec(RECORD, other.draw(RECORD, seed=3, copy=copy))
        assert np.array_equal(page.image, alone.image)
        assert page.truth.to_json() == alone.truth.to_json()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"texts": ["  "]}, "at least one character"),
        ({"texts": ["x" * 10_000]}, "at most 400 characters"),
        ({"texts": ["x" * 61]}, "at most 60 characters"),
        ({"texts": ["心房颤动"]}, "心"),
        ({"writer": "nobody"}, "round"),
        ({"phrases": "no/such/file.txt"}, "no/such/file.txt"),
        ({"bank": "no/such/bank"}, "no/such/bank"),
        ({"fresh": 0.5, "model": "no/such/model"}, "no/such/model"),
        ({"notes": 41}, "0 to 40"),
    ],
)
def test_bad_values_are_refused_before_the_first_page(values: dict[str, Any], words: str) -> None:
    with pytest.raises(FastECGError, match=words):
        load_recipe("clean", {"handwriting": {"enabled": True, **values}})


def test_a_hand_that_is_not_used_is_not_asked_for() -> None:
    assert load_recipe("clean", {"handwriting": {"enabled": False, "bank": "no/such/bank"}}).values
    with pytest.raises(RecipeError, match="handwriting"):
        make_spec({"handwriting": {"size": 3}})


@pytest.mark.parametrize("recipe", ["paper", "photo"])
def test_recipes_write(recipe: str) -> None:
    drawn = load_recipe(recipe)
    specs = [drawn.draw(f"r{k}", seed=1).handwriting for k in range(60)]
    enabled = [spec for spec in specs if spec.enabled]
    assert len(enabled) == 60 if recipe == "paper" else 25 < len(enabled) < 55
    assert {spec.notes for spec in enabled} >= {1, 2, 3}
    assert len({spec.color for spec in enabled}) > 2
