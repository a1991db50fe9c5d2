"""The ends of a lead: what stands there is not read for the trace."""

from __future__ import annotations

import cv2
import numpy as np

from fastecg.digitize.ends import follow_ends
from fastecg.digitize.read_out import PlainReader, read_strip, samples_mv
from fastecg.digitize.reading import Reading


def test_a_separator_and_a_name_are_left_out_and_a_steep_wave_is_not() -> None:
    x = np.arange(0, 62.5, 0.05)
    height = 10 * np.exp(-0.5 * ((x - 1.0) / 0.35) ** 2)
    truth = height.copy()
    height[:8] = 9.0
    height[-30:-18] = -5.0
    kept = follow_ends(x, height, np.ones(len(x)), (0.0, 62.5))
    assert np.abs(height - truth)[kept > 0].max() < 1.3
    assert kept[8:-30].all()
    assert kept[-18:].all()


def test_a_lead_may_end_in_an_upstroke() -> None:
    x = np.arange(0, 62.5, 0.05)
    height = np.interp(x, [0, 62.2, 62.5], [0, 0, 9.0])
    assert follow_ends(x, height, np.ones(len(x)), (0.0, 62.5)).all()


def test_what_is_read_beyond_the_end_does_not_bend_the_last_sample() -> None:
    y = np.full(1400, 176.0, np.float32)
    y[1204:] = 360.0
    reading = Reading(y, np.where(y > 300, 0.25, 0.9).astype(np.float32))
    samples, confidence = samples_mv(reading, x_mm=np.arange(2.0, 60.35, 0.05), gain_mm_mv=10.0)
    assert np.abs(samples).max() < 0.01
    assert np.isfinite(samples).all()
    assert confidence[-1] < 0.2


def test_a_thick_separator_between_leads_on_a_strip_drawn_by_another() -> None:
    strip = np.full((352, 1300, 3), 255, np.uint8)
    cv2.line(strip, (20, 176), (1280, 176), (0, 0, 0), 2)
    cv2.line(strip, (645, 144), (645, 208), (0, 0, 0), 6)
    reading = read_strip(strip, PlainReader())
    for first in (2.0, 64.5):
        samples, _ = samples_mv(reading, x_mm=np.arange(first, first + 62.4, 0.05), gain_mm_mv=10.0)
        assert np.nanmax(np.abs(samples)) < 0.1
