"""Small scenes to learn reading from: printed words among traces, grid lines and dirt, with boxes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from fastecg.stages.fonts import EXTRA_FONTS, FONTS, Fonts
from fastecg_models.names import CLASSES

Floats = NDArray[np.float32]

HEIGHT: Final = 96
WIDTH: Final = 160
SMALLEST_PX: Final = 7.0
LARGEST_PX: Final = 19.0
"""Heights of capital letters."""

ALIASES: Final = {"AVR": "aVR", "AVL": "aVL", "AVF": "aVF", "avR": "aVR", "avL": "aVL", "avF": "aVF"}
OTHERS: Final = (
    "Name", "ID", "Age", "Sex", "PR", "QRS", "QT/QTc", "QTc", "ms", "bpm", "BPM", "HR", "Hz", "40Hz",
    "P-QRS-T",
    "Sinus", "rhythm", "VT", "VF", "IVCD", "LVH", "IV", "VI", "IIII", "Il", "VR", "VL", "aV", "V", "a", "M",
    "F",
    "mm", "mV", "/mV", "s", "AC50", "0.05-150", "Date", "Ward", "Dr.", "12", "62", "128", "7", "1", "0", "-",
    "1925", "2510", "510", "x1.0", "Technician", "Vent.", "rate", "interval", "Referred", "Confirmed", "ECG",
)  # fmt: skip


@dataclass
class Scene:
    """Darkness, shape (96, 160), 0 to 1, and the words in it: class, then x0, y0, x1, y1."""

    darkness: Floats
    words: list[tuple[int, float, float, float, float]] = field(default_factory=list)


class Painter:
    """Makes scenes without end from one seed."""

    def __init__(self, seed: int, folders: tuple[str, ...] = ("/usr/share/fonts",)) -> None:
        self.rng = np.random.default_rng(seed)
        files = sorted(path for folder in folders for path in Path(folder).rglob("*.ttf"))
        self._files = [path for path in files if "Math" not in path.name]
        self._faces: dict[tuple[str, int], ImageFont.FreeTypeFont] = {}
        self._fonts = Fonts()
        self._own = [*FONTS]
        for name in EXTRA_FONTS:
            try:
                self._fonts.line(name, "V1", 12.0)
                self._own.append(name)
            except Exception:  # noqa: BLE001 - the extra is not installed
                continue

    def scene(self) -> Scene:
        """Paint one scene."""
        rng = self.rng
        ink = np.zeros((HEIGHT, WIDTH), np.float32)
        scene = Scene(ink)
        taken: list[tuple[float, ...]] = []
        height = float(np.exp(rng.uniform(np.log(SMALLEST_PX), np.log(LARGEST_PX))))
        face = self._face(height)
        for _ in range(rng.integers(3, 11)):
            self._write(scene, self._line(), face, height, taken)
        self._trace(ink)
        self._finish(scene)
        return scene

    def _face(self, height: float) -> object:
        rng = self.rng
        if rng.random() < 0.4:
            return str(rng.choice(self._own))
        path = self._files[rng.integers(len(self._files))]
        size = max(round(height / 0.72), 6)
        key = (str(path), size)
        if key not in self._faces:
            self._faces[key] = ImageFont.truetype(str(path), size)
        return self._faces[key]

    def _line(self) -> list[str]:
        """Return the words of one line."""
        rng, kind = self.rng, self.rng.random()
        if kind < 0.62:
            names = [*CLASSES[:18], *ALIASES] if rng.random() < 0.25 else list(CLASSES[:13])
            return [str(rng.choice(names))]
        if kind < 0.8:
            speed = [str(rng.choice(["25", "50", "12.5", "100", "5", "10"])), "mm/s"]
            gain = [str(rng.choice(["10", "5", "20", "2.5", "25"])), "mm/mV"]
            return speed if rng.random() < 0.5 else gain
        if rng.random() < 0.4:
            letters = list("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:/.-")
            return ["".join(rng.choice(letters, rng.integers(2, 9))) for _ in range(rng.integers(1, 3))]
        return [str(rng.choice(OTHERS)) for _ in range(rng.integers(1, 3))]

    def _coverage(self, word: str, face: object, height: float) -> Floats:
        if isinstance(face, str):
            mask = self._fonts.line(face, word, height / 0.72).mask
            return np.asarray(mask / 255, np.float32)
        assert isinstance(face, ImageFont.FreeTypeFont)
        x0, y0, x1, y1 = (int(v) for v in face.getbbox(word))
        image = Image.new("L", (max(x1 - x0, 1) + 2, max(y1 - y0, 1) + 2))
        ImageDraw.Draw(image).text((1 - x0, 1 - y0), word, font=face, fill=255)
        return np.asarray(np.asarray(image) / 255, np.float32)

    def _write(
        self, scene: Scene, words: list[str], face: object, height: float, taken: list[tuple[float, ...]]
    ) -> None:
        """Write a line where there is room; its baseline is common enough for one height of letters."""
        rng = self.rng
        gap = height * rng.choice([0.05, 0.35, 0.6])
        masks = [self._coverage(word, face, height) for word in words]
        width = sum(mask.shape[1] for mask in masks) + gap * (len(words) - 1)
        tall = max(mask.shape[0] for mask in masks)
        x, y = rng.uniform(-0.3 * width, WIDTH - 0.5 * width), rng.uniform(-4, HEIGHT - tall + 4)
        box = (x - 3, y - 3, x + width + 3, y + tall + 3)
        if any(box[0] < b[2] and box[2] > b[0] and box[1] < b[3] and box[3] > b[1] for b in taken):
            return
        taken.append(box)
        strength = rng.uniform(0.55, 1.0)
        for word, mask in zip(words, masks, strict=True):
            rows, columns = mask.shape
            shift = np.array([[1, 0, x], [0, 1, y + (tall - rows) * (word != "-")]], np.float32)
            layer = cv2.warpAffine(mask, shift, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)
            np.maximum(scene.darkness, strength * layer, out=scene.darkness)
            name = ALIASES.get(word, word)
            inside = (
                x > -0.15 * columns
                and x + columns < WIDTH + 0.15 * columns
                and y > -3
                and y + rows < HEIGHT + 3
            )
            if name in CLASSES and inside:
                top = y + tall - rows
                scene.words.append((CLASSES.index(name), x, top, x + columns, top + rows))
            x += columns + gap

    def _trace(self, ink: Floats) -> None:
        """Draw what looks like ECG, pulses and separators, through the words or beside them."""
        rng = self.rng
        for _ in range(rng.integers(0, 4)):
            if rng.random() < 0.6:
                self._stroke(ink, *self._beats())
                continue
            x = np.linspace(-5, WIDTH + 5, 120)
            y = rng.uniform(0, HEIGHT) + rng.normal(0, 6) * np.sin(
                x / rng.uniform(10, 60) + rng.uniform(0, 6)
            )
            for _ in range(rng.integers(0, 5)):
                at, width = rng.uniform(0, WIDTH), rng.uniform(1.0, 12)
                y += rng.normal(0, 25) * np.exp(-(((x - at) / width) ** 2))
            self._stroke(ink, x, y)
        if rng.random() < 0.25:
            self._rectangle(ink)

    def _rectangle(self, ink: Floats) -> None:
        """Draw a pulse, a separator or a dashed one."""
        rng = self.rng
        x, y = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT)
        w, h = rng.uniform(8, 30), rng.uniform(15, 110)
        if rng.random() < 0.5:
            self._stroke(
                ink,
                np.array([x - 5, x, x, x + w, x + w, x + w + 5]),
                np.array([y, y, y - h, y - h, y, y]),
            )
        elif rng.random() < 0.5:
            self._stroke(ink, np.array([x, x]), np.array([y, y - h]))
        else:
            for step in np.arange(0, h, 5.0):
                self._stroke(ink, np.array([x, x]), np.array([y - step, y - step - 2.5]))

    def _beats(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return beats like those of an ECG: P, narrow Q, R and S, T."""
        rng = self.rng
        x = np.linspace(-5, WIDTH + 5, 340)
        y = rng.uniform(0, HEIGHT) + rng.normal(0, 3) * np.sin(x / rng.uniform(10, 60) + rng.uniform(0, 6))
        y += rng.normal(0, rng.choice([0.0, 0.6]), len(x))
        waves = [
            (-20, 3, rng.normal(0, 4)),
            (-3, 1.2, rng.normal(0, 6)),
            (0, rng.uniform(1, 2.5), rng.normal(0, 35)),
        ]
        waves += [(3, 1.5, rng.normal(0, 15)), (30, rng.uniform(5, 9), rng.normal(0, 9))]
        for at in np.arange(rng.uniform(-40, 40), WIDTH + 30, rng.uniform(35, 130)):
            for shift, width, height in waves:
                y += height * np.exp(-(((x - at - shift) / width) ** 2))
        return x, y

    def _stroke(self, ink: Floats, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
        points = np.round(np.column_stack([x, y]) * 16).astype(np.int32)
        layer = np.zeros((HEIGHT, WIDTH), np.uint8)
        cv2.polylines(layer, [points], False, 255, int(self.rng.integers(1, 3)), cv2.LINE_AA, 4)
        np.maximum(ink, layer.astype(np.float32) / 255 * np.float32(self.rng.uniform(0.5, 1)), out=ink)

    def _finish(self, scene: Scene) -> None:
        """Grid, blur, uneven light, noise, gain."""
        rng, image = self.rng, scene.darkness
        if rng.random() < 0.5:
            grid = rng.uniform(0.03, 0.45)
            for axis in (0, 1):
                first = rng.uniform(0, 25)
                for k, at in enumerate(np.arange(first - 25, (HEIGHT, WIDTH)[axis], 5.0)):
                    if at >= 0:
                        line = np.s_[int(at), :] if axis == 0 else np.s_[:, int(at)]
                        image[line] = np.maximum(image[line], grid if k % 5 == 0 else 0.5 * grid)
        for _ in range(rng.integers(0, 3) if rng.random() < 0.2 else 0):  # shadows, edges of paper, redaction
            x, y = rng.integers(-40, WIDTH), rng.integers(-20, HEIGHT)
            w, h = rng.integers(5, 120), rng.integers(3, 40)
            image[max(y, 0) : max(y + h, 0), max(x, 0) : max(x + w, 0)] = rng.uniform(0.2, 1)
        if rng.random() < 0.7:
            image = np.asarray(cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.3, 1.3))), np.float32)
        image = image * np.float32(rng.uniform(0.45, 1.15))
        if rng.random() < 0.3:
            coarse = rng.normal(0, 0.08, (4, 6)).astype(np.float32)
            image = image + cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
        image = image + rng.normal(0, rng.uniform(0.0, 0.08), image.shape).astype(np.float32)
        scene.darkness = np.clip(image, 0, 1).astype(np.float32)
