"""The pen's graph, by the width of its layers, its precision and the words written side by side."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.conftest import Measure
from fastecg_models._onnx import open_model
from fastecg_models.pen import CHUNK, LANES
from fastecg_models.pen_graph import NOISE, STATE, Precision, Weights, build

ALPHABET, COMPONENTS, MIXTURES, LETTERS = 95, 10, 20, 16


def chance_weights(width: int) -> Weights:
    """Return weights of the shipped sizes; time does not depend on what they are."""
    rng = np.random.default_rng(0)
    sizes: dict[str, tuple[int, ...]] = {
        "look": (width, 3 * COMPONENTS),
        "look_b": (3 * COMPONENTS,),
        "out": (3 * width, 2 + 6 * MIXTURES),
        "out_b": (2 + 6 * MIXTURES,),
    }
    for number in "123":
        below = width if number == "1" else 2 * width
        shapes = {"x": (4, 4 * width), "w": (ALPHABET, 4 * width), "r": (below, 4 * width), "b": (4 * width,)}
        sizes |= {f"{part}{number}": shape for part, shape in shapes.items()}
    found = {name: rng.normal(0, 0.05, size).astype(np.float32) for name, size in sizes.items()}
    return found | {"reach": np.array(1 / 12, np.float32), "w_top": np.array(10, np.float32)}


def inputs(width: int, words: int) -> dict[str, NDArray[np.generic]]:
    """Return what the graph takes at the start of some words."""
    rng = np.random.default_rng(1)
    sizes = {"x": 4, "w": ALPHABET, "places": COMPONENTS}
    found: dict[str, NDArray[np.generic]] = {
        f"{part}0": np.zeros((words, sizes.get(part, width)), np.float32) for part in STATE
    }
    return found | {
        "noise": rng.random((CHUNK, words, NOISE), dtype=np.float32),
        "letters": rng.integers(1, ALPHABET, (words, LETTERS)),
        "counts": np.ones((words, LETTERS), np.float32),
        "bias": np.full((words, 1), 0.5, np.float32),
    }


@pytest.mark.parametrize("width", [200, 400])
@pytest.mark.parametrize(("precision", "words"), [("fp32", 1), ("fp32", LANES), ("int8", LANES)])
def test_steps(measure: Measure, width: int, precision: Precision, words: int) -> None:
    """Write two letters or so of each word."""
    session = open_model(build(chance_weights(width), precision, {}))
    (strokes,) = measure(session.run, ["strokes"], inputs(width, words))
    assert strokes.shape == (CHUNK, words, 4)
    measure.per_second("steps", CHUNK * words)
