"""The graph of the pen, compared with Graves' equations written down in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from fastecg_models._onnx import open_model
from fastecg_models.pen_graph import STATE, Precision, Weights, build

Array = NDArray[np.float64]
TEXTS = ([4, 9, 2, 0], [1, 0, 0, 0], [7, 7, 0, 0])
LENGTHS = (4, 2, 3)
STEPS = 200


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def lstm(of: Weights, number: int, inputs: tuple[Array, ...], cell: Array) -> tuple[Array, Array]:
    matrix = np.concatenate([of[f"{part}{number}"] for part in "xwr"]).astype(np.float64)
    i, f, g, o = np.split(np.concatenate(inputs) @ matrix + of[f"b{number}"], 4)
    cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(cell), cell


def point(raw: Array, draw: Array, bias: float) -> Array:
    weight, mean_x, mean_y, log_x, log_y, rho = np.split(raw[2:], 6)
    shares = np.exp(weight * (1 + bias))
    at = min(int((np.cumsum(shares / shares.sum()) < draw[0]).sum()), len(weight) - 1)
    tilt = np.tanh(rho[at]) * 0.995
    along = tilt * draw[3] + np.sqrt(1 - tilt**2) * draw[4]
    x = mean_x[at] + np.exp(np.clip(log_x[at], -4, 3) - bias) * draw[3]
    y = mean_y[at] + np.exp(np.clip(log_y[at], -4, 3) - bias) * along
    up = draw[1] < sigmoid(raw[0])
    return np.array([x, y, up, up and draw[2] < sigmoid(raw[1])], np.float64)


def by_hand(
    of: Weights, text: NDArray[np.int64], noise: Array, bias: float, *, ends_by_text: bool = False
) -> Array:
    """Write one word, step by step."""
    width, letters = len(of["b1"]) // 4, len(of["w1"])
    h, c = np.zeros((3, width)), np.zeros((3, width))
    x, w, places = np.zeros(4), np.zeros(letters), np.zeros(len(of["look_b"]) // 3)
    written = []
    for draw in noise:
        h[0], c[0] = lstm(of, 1, (x, w, h[0]), c[0])
        a, b, k = np.split(np.exp(np.minimum(h[0] @ of["look"] + of["look_b"], 8)), 3)
        places = places + k * of["reach"]
        w = np.zeros(letters)
        shares = [(a * np.exp(-b * (places - position) ** 2)).sum() for position in range(len(text))]
        for share, letter in zip(shares, text, strict=True):
            w[letter] += share
        h[1], c[1] = lstm(of, 2, (x, w, h[0], h[1]), c[1])
        h[2], c[2] = lstm(of, 3, (x, w, h[1], h[2]), c[2])
        x = point(h.reshape(-1) @ of["out"] + of["out_b"], draw, bias)
        if ends_by_text:
            x[3] = shares[-1] > max(shares[:-1])
        written.append(x)
    return np.stack(written)


def inputs_of(of: Weights, rows: list[int]) -> dict[str, NDArray[np.generic]]:
    rng = np.random.default_rng(11)
    noise = np.empty((STEPS, len(TEXTS), 5), np.float32)
    noise[..., :3] = rng.random((STEPS, len(TEXTS), 3))
    noise[..., 3:] = rng.standard_normal((STEPS, len(TEXTS), 2))
    sizes = {"x": 4, "w": len(of["w1"]), "places": len(of["look_b"]) // 3}
    width = len(of["b1"]) // 4
    found: dict[str, NDArray[np.generic]] = {
        f"{part}0": np.zeros((len(rows), sizes.get(part, width)), np.float32) for part in STATE
    }
    counts = np.arange(4)[None] < np.array(LENGTHS)[:, None]
    found |= {
        "noise": noise[:, rows],
        "letters": np.array(TEXTS)[rows],
        "counts": counts[rows].astype(np.float32),
        "bias": np.array([[0.0], [0.7], [1.5]], np.float32)[rows],
    }
    return found


def strokes(
    of: Weights, precision: Precision, properties: dict[str, str], rows: list[int]
) -> NDArray[np.float32]:
    session = open_model(build(of, precision, properties))
    return session.run(["strokes"], inputs_of(of, rows))[0]


@pytest.mark.parametrize("end", ["word", "text"])
def test_full_precision_equals_the_equations_over_200_steps(
    weights: Weights, properties: dict[str, str], end: str
) -> None:
    properties = properties | {"end": end}
    found = strokes(weights, "fp32", properties, [0, 1, 2])
    given = inputs_of(weights, [0, 1, 2])
    for row, (text, length) in enumerate(zip(TEXTS, LENGTHS, strict=True)):
        noise = np.asarray(given["noise"][:, row], np.float64)
        bias = np.asarray(given["bias"], np.float64)[row, 0]
        expected = by_hand(weights, np.array(text[:length]), noise, bias, ends_by_text=end == "text")
        np.testing.assert_allclose(found[:, row], expected, atol=1e-4)
        assert {0.0, 1.0} == set(found[:, row, 2]) == set(found[:, row, 3])  # both branches were taken


@pytest.mark.parametrize(("precision", "apart"), [("fp16", 2e-4), ("int8", 0.015)])
def test_small_precisions_begin_alike(
    weights: Weights, properties: dict[str, str], precision: Precision, apart: float
) -> None:
    rng = np.random.default_rng(9)
    given = inputs_of(weights, [0, 1, 2])
    given |= {f"{part}0": rng.uniform(-0.9, 0.9, given[f"{part}0"].shape) for part in STATE[1:]}
    given = {name: value if name == "letters" else value.astype(np.float32) for name, value in given.items()}
    given["noise"] = given["noise"][:1]  # later the choice of a mixture may differ, and all with it
    layers = ["h1_last", "h2_last", "h3_last"]
    whole, small = (
        np.stack(open_model(build(weights, kind, properties)).run(layers, given))
        for kind in ("fp32", precision)
    )
    assert 0 < np.abs(whole - small).mean() < apart


@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
def test_a_word_does_not_depend_on_its_neighbours(
    weights: Weights, properties: dict[str, str], precision: Precision
) -> None:
    together = strokes(weights, precision, properties, [0, 1, 2])
    for row in range(3):
        alone = strokes(weights, precision, properties, [row, row])
        np.testing.assert_array_equal(alone[:, 0], together[:, row])


def test_the_state_goes_on_from_call_to_call(weights: Weights, properties: dict[str, str]) -> None:
    session = open_model(build(weights, "fp32", properties))
    given = inputs_of(weights, [0, 1, 2])
    whole = session.run(["strokes"], given)[0]
    first, *state = session.run(
        ["strokes", *(f"{part}_last" for part in STATE)], given | {"noise": given["noise"][:70]}
    )
    later = {f"{part}0": values for part, values in zip(STATE, state, strict=True)}
    second = session.run(["strokes"], given | later | {"noise": given["noise"][70:]})[0]
    np.testing.assert_array_equal(np.concatenate([first, second]), whole)


def test_the_same_weights_give_the_same_file(weights: Weights, properties: dict[str, str]) -> None:
    assert build(weights, "int8", properties) == build(weights, "int8", properties)
    assert open_model(build(weights, "int8", properties)).properties == properties


def test_sums_of_8_bits_fit_processors_that_add_in_16(weights: Weights, properties: dict[str, str]) -> None:
    import onnx

    model = onnx.load_from_string(build(weights, "int8", properties))
    whole = [onnx.numpy_helper.to_array(each) for each in model.graph.initializer]
    small = [values for values in whole if values.dtype == np.int8 and values.ndim == 2]
    assert len(small) == 3
    assert all(np.abs(values.astype(int)).max() * 2 * 255 < 2**15 for values in small)
