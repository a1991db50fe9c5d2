"""Crops from the folder that ``crops`` fills, as batches for training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fastecg.digitize.strips import HEIGHT, darkness

Batch = tuple[Tensor, Tensor, Tensor]


def vary(strip: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Change a strip's colours, tones and sharpness, so that no paper's look is learned by heart."""
    chance = rng.random(5)
    if chance[0] < 0.2:
        strip = np.repeat(cv2.cvtColor(strip, cv2.COLOR_RGB2GRAY)[:, :, None], 3, 2)
    elif chance[0] < 0.5:
        strip = strip[:, :, rng.permutation(3)]
    if chance[1] < 0.25:
        strip = np.asarray(cv2.GaussianBlur(strip, (0, 0), float(rng.uniform(0.4, 1.1))), np.uint8)
    if chance[2] < 0.4:
        tones = np.linspace(0, 1, 256) ** float(rng.uniform(0.6, 1.6)) * 255
        lift = float(rng.uniform(0, 60)) if chance[3] < 0.3 else 0.0
        strip = np.round(lift + tones * (255 - lift) / 255).astype(np.uint8)[strip]
    if chance[4] < 0.25:
        noise = rng.normal(0, float(rng.uniform(1, 10)), strip.shape[:2])[:, :, None]
        strip = np.clip(strip + noise, 0, 255).astype(np.uint8)
    return np.ascontiguousarray(strip)


class Crops:
    """Endless batches of windows of crops; new pages join as they come.

    Parameters
    ----------
    folder : Path
        Where ``crops`` writes.
    width : int
        Width of a window in pixels, a multiple of 8.
    lanes : int
        Windows of a batch.
    seed : int
        What the order and the changes depend on.
    """

    def __init__(self, folder: Path, width: int, lanes: int, seed: int) -> None:
        self._folder, self._width, self._lanes = folder, width, lanes
        self._rng = np.random.default_rng(seed)
        self._waiting: list[tuple[Any, ...]] = []

    @property
    def pages(self) -> int:
        """How many pages there are now."""
        return len(list(self._folder.glob("*.npz")))

    def batch(self, *, plain: bool = False) -> Batch:
        """Return darkness (N, 3, H, W), heights (N, 2 W) and coverage (N, H, W)."""
        rng, width = self._rng, self._width
        while len(self._waiting) < 6 * self._lanes:
            paths = sorted(self._folder.glob("*.npz"))
            for choice in rng.integers(len(paths), size=12):
                with np.load(paths[choice]) as page:
                    self._waiting += list(zip(page["strip"], page["ink"], page["y_px"], strict=True))
            rng.shuffle(self._waiting)
        dark = np.empty((self._lanes, 3, HEIGHT, width), np.float32)
        inks = np.empty((self._lanes, HEIGHT, width), np.float32)
        heights = np.empty((self._lanes, 2 * width), np.float32)
        for k in range(self._lanes):
            strip, ink, y_px = self._waiting.pop()
            start = int(rng.integers(strip.shape[1] - width + 1))
            strip = strip[:, start : start + width]
            looked = darkness(strip if plain else vary(strip, rng))
            ink, y_px = ink[:, start : start + width], y_px[2 * start : 2 * (start + width)]
            if not plain and rng.random() < 0.3:  # upside down: every lead may point either way
                looked, ink, y_px = looked[::-1], ink[::-1], HEIGHT - y_px
            dark[k], inks[k], heights[k] = looked.transpose(2, 0, 1), ink / np.float32(255), y_px
        return torch.from_numpy(dark), torch.from_numpy(heights), torch.from_numpy(inks)
