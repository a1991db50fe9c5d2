"""Outlines, compared with masks of the ink and with plain geometry."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.path import Path as Polygon

from fastecg.formats.label_images import LEAST, PARTS, lead_labels, part_labels
from fastecg.formats.outlines import KINDS, cut_polygon, ink_box, outlines, polygon_area, seen_polygon
from fastecg.pipeline import Generator
from fastecg.record import Record
from fastecg.synthesis import builtin_record

FINE = 16


def filled(polygon: Any, shape: tuple[int, int]) -> Any:
    """Return which pixels a polygon covers."""
    image = np.zeros(shape, np.uint8)
    cv2.fillPoly(image, [np.rint((polygon - 0.5) * FINE).astype(np.int32)], 1, shift=4)
    return image > 0


@st.composite
def quads(draw: st.DrawFn) -> Any:
    """Draw a convex quadrilateral, which may lie anywhere about an image of 20 by 30."""
    centre = np.array([draw(st.floats(-10, 40)), draw(st.floats(-10, 30))])
    turn, half = draw(st.floats(0, 6.28)), np.array([draw(st.floats(1, 25)), draw(st.floats(1, 25))])
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return corners @ turned.T + centre


@given(quads())
def test_a_cut_polygon_holds_what_lies_in_both(quad: Any) -> None:
    shape = (20, 30)
    cut = cut_polygon(quad, shape)
    y, x = np.mgrid[0:20:0.5, 0:30:0.5] + 0.25
    points = np.column_stack([x.ravel(), y.ravel()])
    inside = Polygon(quad).contains_points(points)
    assert abs(polygon_area(cut) - inside.sum() / 4) <= 0.03 * 600
    if len(cut):
        assert cut.min() >= -1e-9
        assert (cut <= np.array([30, 20]) + 1e-9).all()
        assert np.array_equal(Polygon(cut).contains_points(points, radius=-1e-6) & ~inside, inside & False)


def test_what_lies_within_is_not_touched_and_what_lies_without_goes() -> None:
    quad = np.array([[1.0, 2.0], [9.0, 3.0], [8.0, 9.0], [2.0, 8.0]])
    assert cut_polygon(quad, (10, 10)) is quad
    assert not len(cut_polygon(quad + 100, (10, 10)))
    assert not len(cut_polygon(np.full((4, 2), np.nan), (10, 10)))


def test_no_box_without_ink() -> None:
    assert ink_box(np.array([[1.0, np.nan]]), 1.0) is None


@pytest.mark.pages
@pytest.mark.parametrize("dataset", ["flat", "photos"])
def test_outlines_hold_their_ink(dataset: str, request: pytest.FixtureRequest) -> None:
    for page in request.getfixturevalue(dataset).pages:
        truth, shape = page.truth, page.truth.camera.shape
        labels, found = lead_labels(page), list(outlines(truth))
        seen = [one for one in found if one.kind == "lead"]
        told = [(k, lead) for k, lead in enumerate(truth.to_dict()["leads"]) if lead["box"]]
        assert [one.attributes["lead"] for one in seen] == [lead["name"] for _, lead in told]
        for one, (k, lead) in zip(seen, told, strict=True):
            near = cv2.dilate(filled(one.polygon, shape).astype(np.uint8), np.ones((5, 5), np.uint8))
            assert not ((labels == 1 + k) & (near == 0)).any()
            assert np.allclose(one.box, lead["box"], atol=1.0)
            ends = truth.trace(k)[[0, -1]]
            assert np.allclose(np.nan_to_num(one.keypoints[2:], nan=ends), ends)
        for one in found:
            assert one.polygon.min() >= 0
            assert (one.polygon <= np.array(shape[::-1])).all()
            assert one.kind in KINDS


@pytest.mark.pages
def test_keypoints_beyond_the_image_are_not_told() -> None:
    generator = Generator("photo", overrides={"page.dpi": 60, "perspective.fill": 1.6})
    record = builtin_record(0).record
    page = generator.render_spec(record, generator.draw(record))
    leads = [one for one in outlines(page.truth) if one.kind == "lead"]
    points = np.concatenate([one.keypoints for one in leads])
    height, width = page.truth.camera.shape
    assert np.isnan(points).any()
    shown = points[~np.isnan(points[:, 0])]
    assert (shown >= 0).all()
    assert (shown <= (width, height)).all()


@pytest.mark.pages
@pytest.mark.parametrize("recipe", ["clean", "photo", "damaged", "varied"])
def test_lead_labels_are_those_of_the_masks(recipe: str) -> None:
    generator = Generator(recipe, overrides={"page.dpi": 90})
    for copy in range(3):
        record = builtin_record(copy).record
        page = generator.render_spec(record, generator.draw(record, copy=copy))
        assert np.array_equal(lead_labels(page, 128), page.masks.leads())


@pytest.mark.pages
def test_lead_labels_of_leads_that_leave_the_page() -> None:
    record = builtin_record(0).record
    wild = Record(
        record.name, record.signals_mv * 12, record.leads, record.sampling_rate_hz, record.header, record.adc
    )
    wild.signals_mv[3] = np.nan
    for recipe in ("clean", "photo"):
        generator = Generator(recipe, overrides={"page.dpi": 60})
        page = generator.render_spec(wild, generator.draw(wild))
        assert np.array_equal(lead_labels(page, 128), page.masks.leads())


@pytest.mark.pages
def test_parts_lie_over_one_another(photos: Any) -> None:
    page = photos.pages[0]
    parts, masks = part_labels(page), page.masks
    ink, paper = parts == PARTS.index("trace"), masks.paper() > 127
    assert np.array_equal(ink, (lead_labels(page) > 0) & paper)
    pulses = parts == PARTS.index("calibration_pulse")
    assert np.array_equal(pulses, (masks.pulses() >= LEAST) & paper & ~ink)
    text = parts == PARTS.index("text")
    assert np.array_equal(text, (masks.text() >= LEAST) & paper & ~ink & ~pulses)
    assert np.array_equal(parts == 0, ~paper)
    assert (parts == PARTS.index("grid")).sum() > 0.1 * paper.sum()


@pytest.mark.pages
@pytest.mark.parametrize("dataset", ["flat", "photos"])
def test_labels_of_thin_traces_have_few_gaps(dataset: str, request: pytest.FixtureRequest) -> None:
    for page in request.getfixturevalue(dataset).pages:
        labels, truth = lead_labels(page), page.truth
        height, width = labels.shape
        for k in range(len(truth.drawing.traces)):
            points = np.floor(truth.trace(k)).astype(int)
            x, y = points[((points >= 1) & (points < (width - 1, height - 1))).all(axis=1)].T
            near = np.max([labels[y + dy, x + dx] > 0 for dy in (-1, 0, 1) for dx in (-1, 0, 1)], axis=0)
            assert near.mean() > 0.9


@pytest.mark.pages
def test_outlines_of_a_bent_page_are_bent() -> None:
    bend = {"perspective.curl": {"height_mm": 50, "direction_deg": 0}, "perspective.tilt_x_deg": 30}
    generator = Generator("photo", overrides={**bend, "page.dpi": 60})
    record = builtin_record(0).record
    camera = generator.render_spec(record, generator.draw(record)).truth.camera
    share = np.linspace(0.0, 1.0, 200)
    seen = camera.to_image(np.column_stack([50 + 500 * share, np.full(200, 60.0)]))
    told = seen_polygon(camera, (50, 60, 550, 400), (510, 660))[:9]
    y_told = np.interp(seen[:, 0], told[:, 0], told[:, 1])
    y_straight = np.interp(seen[:, 0], told[[0, -1], 0], told[[0, -1], 1])
    assert np.abs(y_straight - seen[:, 1]).max() > 4
    assert np.abs(y_told - seen[:, 1]).max() < 1
