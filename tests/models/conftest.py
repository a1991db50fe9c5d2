"""A tiny pen with random weights, as arrays and as an installed model."""

from __future__ import annotations

import json
import string
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fastecg_models.cards import Card, checksum, write_card
from fastecg_models.pen import LAYERS, STYLES, pens_styles
from fastecg_models.pen_graph import Weights, build

WIDTH, COMPONENTS, MIXTURES = 12, 3, 4
ALPHABET = ["", *string.ascii_letters, *string.digits, "?", "-"]


@pytest.fixture(scope="session")
def weights() -> Weights:
    rng = np.random.default_rng(7)
    letters = len(ALPHABET)
    sizes: dict[str, tuple[int, ...]] = {
        "look": (WIDTH, 3 * COMPONENTS),
        "look_b": (3 * COMPONENTS,),
        "out": (3 * WIDTH, 2 + 6 * MIXTURES),
        "out_b": (2 + 6 * MIXTURES,),
    }
    for number in "123":
        below = WIDTH if number == "1" else 2 * WIDTH
        sizes |= {
            f"x{number}": (4, 4 * WIDTH),
            f"w{number}": (letters, 4 * WIDTH),
            f"r{number}": (below, 4 * WIDTH),
            f"b{number}": (4 * WIDTH,),
        }
    found = {name: rng.normal(0, 0.4, size).astype(np.float32) for name, size in sizes.items()}
    found["out_b"][:2] = [-1.5, -1.0]
    return found | {"reach": np.array(0.1, np.float32), "w_top": np.array(6, np.float32)}


@pytest.fixture(scope="session")
def properties() -> dict[str, str]:
    return {"alphabet": json.dumps(ALPHABET), "unit": "0.4", "components": str(COMPONENTS)}


@pytest.fixture
def install(tmp_path: Path, properties: dict[str, str]) -> Callable[[Weights], Path]:
    """Return a function that writes a model with two styles and gives its folder."""

    def write(weights: Weights) -> Path:
        rng = np.random.default_rng(3)
        states = [
            (name, {part: rng.uniform(-0.9, 0.9, WIDTH).astype(np.float32) for part in LAYERS})
            for name in ("ann", "bob")
        ]
        for _, state in states:
            state["x"] = np.array([0, 0, 1, 1], np.float32)
        files = {f"pen-{kind}.onnx": build(weights, kind, properties) for kind in ("fp32", "fp16", "int8")}
        files[STYLES] = pens_styles(states)
        for name, content in files.items():
            (tmp_path / name).write_bytes(content)
        sums = {name: checksum(content) for name, content in files.items()}
        write_card(Card("tiny", "tests", "chance", "CC0", "", "", {}, sums), tmp_path)
        return tmp_path

    return write
