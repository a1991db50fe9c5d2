"""Importing a checkpoint: what our graph writes is what TensorFlow's conventions say."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fastecg_models import importing
from fastecg_models._onnx import open_model
from fastecg_models.cards import read_card, read_checked
from fastecg_models.crc32c import crc32c
from fastecg_models.errors import ModelError
from fastecg_models.importing import ALPHABET, import_handwriting
from fastecg_models.pen import Pen, Word
from fastecg_models.pen_graph import STATE
from tests.models import tf_writer

Array = NDArray[np.float64]
Tensors = dict[str, NDArray[np.float32]]
TEXT = "V1 (?AF)"
STEPS, BIAS = 40, 0.7


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


class InTensorFlow:
    """The model as TensorFlow would run it for one text: LSTMCell, window, mixture."""

    def __init__(self, tensors: Tensors, text: str) -> None:
        self.of = {name.removeprefix("model/"): array.astype(np.float64) for name, array in tensors.items()}
        width = len(self.of["rnn/rnn_model/lstm_0/lstm_cell/bias"]) // 4
        order = " !\"#%&'()+,-./0123456789:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
        shown = np.eye(80)[[order.index(character) + 1 for character in text]]
        self.sequence = np.concatenate([shown, np.zeros((1, 80))])
        self.h, self.c = np.zeros((3, width)), np.zeros((3, width))
        self.window, self.kappa = np.zeros(80), np.zeros(10)
        self.finish = False

    def dense(self, name: str, inputs: Array) -> Array:
        return inputs @ self.of[f"{name}/kernel"] + self.of[f"{name}/bias"]

    def cell(self, layer: int, inputs: Array) -> None:
        both = np.concatenate([inputs, self.h[layer]])
        i, j, f, o = np.split(self.dense(f"rnn/rnn_model/lstm_{layer}/lstm_cell", both), 4)
        self.c[layer] = self.c[layer] * sigmoid(f + 1.0) + sigmoid(i) * np.tanh(j)
        self.h[layer] = np.tanh(self.c[layer]) * sigmoid(o)

    def step(self, x: Array) -> dict[str, Array]:
        """Take a point and foretell the next."""
        self.cell(0, np.concatenate([x, self.window]))
        alpha, beta, kappa = (
            np.exp(self.dense(f"rnn/rnn_model/window/{part}", self.h[0]))
            for part in ("alpha", "beta", "kappa")
        )
        self.kappa = self.kappa + kappa
        u = np.arange(len(self.sequence))
        phi = (alpha[:, None] * np.exp(-beta[:, None] * (self.kappa[:, None] - u) ** 2)).sum(axis=0)
        self.window = phi @ self.sequence
        self.finish = bool(phi[-1] > phi[:-1].max())
        self.cell(1, np.concatenate([x, self.window, self.h[0]]))
        self.cell(2, np.concatenate([x, self.window, self.h[1]]))
        parts = ("e", "pi", "mu1", "mu2", "std1", "std2", "rho")
        found = {part: self.dense(f"mixture_output/{part}", self.h[2]) for part in parts}
        return found | {"e": sigmoid(found["e"])}


def point(of: dict[str, Array], draw: Array) -> Array:
    """Draw a point from a mixture with given numbers."""
    shares = np.exp(of["pi"] * (1 + BIAS))
    at = min(int((np.cumsum(shares / shares.sum()) < draw[0]).sum()), len(shares) - 1)
    rho = 0.995 * np.tanh(of["rho"][at])
    x = of["mu1"][at] + np.exp(of["std1"][at] - BIAS) * draw[3]
    y = of["mu2"][at] + np.exp(of["std2"][at] - BIAS) * (rho * draw[3] + np.sqrt(1 - rho**2) * draw[4])
    return np.array([x, y, draw[1] < of["e"][0]])


def check_equal_steps(tensors: Tensors, content: bytes) -> None:
    """Let both write; each point begins where our graph ended."""
    rng = np.random.default_rng(5)
    noise = rng.random((STEPS, 2, 5)).astype(np.float32)
    noise[..., 3:] = rng.standard_normal((STEPS, 2, 2))
    width = len(tensors["model/rnn/rnn_model/lstm_0/lstm_cell/bias"]) // 4
    sizes = {"x": 4, "w": 80, "places": 10}
    inputs: dict[str, NDArray[np.generic]] = {
        f"{part}0": np.zeros((2, sizes.get(part, width)), np.float32) for part in STATE
    }
    inputs["x0"] = np.array([[0, 0, 1, 1]] * 2, np.float32)
    letters = [ALPHABET.index(character) for character in TEXT]
    inputs |= {
        "noise": noise,
        "letters": np.array([[*letters, 0, 0, 0]] * 2),
        "counts": np.array([[1.0] * (len(TEXT) + 1) + [0, 0]] * 2, np.float32),
        "bias": np.full((2, 1), BIAS, np.float32),
    }
    strokes, h3, w, places = open_model(content).run(["strokes", "h3_last", "w_last", "places_last"], inputs)
    model = InTensorFlow(tensors, TEXT)
    before = np.array([0.0, 0.0, 1.0])
    ends = []
    for stroke, draw in zip(strokes[:, 0], noise[:, 0].astype(np.float64), strict=True):
        np.testing.assert_allclose(stroke[:3], point(model.step(before), draw), atol=2e-4)
        ends.append(model.finish)
        assert stroke[3] == model.finish
        before = stroke[:3].astype(np.float64)
    assert set(ends) == {False, True}
    assert set(strokes[:, 0, 2]) == {0, 1}
    np.testing.assert_allclose(h3[0], model.h[2], atol=2e-4)
    np.testing.assert_allclose(places[0], model.kappa, rtol=1e-4)
    np.testing.assert_allclose(w[0, 1:], model.window[1:], atol=2e-4)


def slowed(tensors: Tensors) -> Tensors:
    """Let the window move by a third of a letter a step."""
    return tensors | {"model/rnn/rnn_model/window/kappa/bias": np.full(10, -1.1, np.float32)}


def test_a_checkpoint_of_full_size_writes_as_in_tensorflow(tmp_path: Path) -> None:
    tensors = slowed(tf_writer.model(400, np.random.default_rng(1)))
    tf_writer.write(tmp_path / "model-29", tensors, crc32c)
    card = import_handwriting(tmp_path / "model-29", tmp_path / "new" / "pen")
    assert card == read_card(tmp_path / "new" / "pen")
    assert "400" in card.name
    assert "non-commercial research only" in card.licence
    check_equal_steps(tensors, read_checked(tmp_path / "new" / "pen", "pen-fp32.onnx"))


@pytest.fixture(scope="module")
def tensors() -> Tensors:
    return slowed(tf_writer.model(12, np.random.default_rng(3)))


def test_a_small_checkpoint_writes_as_in_tensorflow(tmp_path: Path, tensors: Tensors) -> None:
    tf_writer.write(tmp_path / "model", tensors)
    import_handwriting(tmp_path / "model", tmp_path / "pen")
    check_equal_steps(tensors, read_checked(tmp_path / "pen", "pen-fp32.onnx"))


def test_the_imported_pen_writes_on_a_baseline(tmp_path: Path, tensors: Tensors) -> None:
    tf_writer.write(tmp_path / "model", tensors)
    import_handwriting(tmp_path / "model", tmp_path / "pen")
    for precision in ("fp32", "fp16", "int8"):
        pen = Pen(tmp_path / "pen", precision)
        assert pen.styles == ("plain",)
        assert pen.alphabet == "".join(ALPHABET)
        for strokes in pen.write([Word("sinus", "plain", seed) for seed in range(5)]):
            assert strokes.finished
            assert strokes.xy[:, 0].min() == 0
            assert strokes.xy[:, 1].min() <= 0 <= strokes.xy[:, 1].max()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("model/mixture_output/rho/kernel", "lacks model/mixture_output/rho/kernel"),
        ("model/rnn/rnn_model/lstm_0/lstm_cell/bias", "lacks model/rnn/rnn_model/lstm_0/lstm_cell/bias"),
        ("model/rnn/rnn_model/window/alpha/bias", "lacks model/rnn/rnn_model/window/alpha/bias"),
    ],
)
def test_a_missing_tensor_is_named(tmp_path: Path, tensors: Tensors, change: str, message: str) -> None:
    tf_writer.write(tmp_path / "model", {name: array for name, array in tensors.items() if name != change})
    with pytest.raises(ModelError, match=f"the checkpoint {message}"):
        import_handwriting(tmp_path / "model", tmp_path / "pen")
    assert not (tmp_path / "pen").exists()


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("model/rnn/rnn_model/lstm_1/lstm_cell/kernel", (95, 48)),
        ("model/rnn/rnn_model/lstm_0/lstm_cell/kernel", (94, 48)),
        ("model/rnn/rnn_model/lstm_0/lstm_cell/bias", (47,)),
        ("model/rnn/rnn_model/lstm_0/lstm_cell/bias", ()),
        ("model/mixture_output/e/bias", (2,)),
        ("model/rnn/rnn_model/window/kappa/kernel", (12, 9)),
    ],
)
def test_a_wrong_shape_is_named(tmp_path: Path, tensors: Tensors, name: str, shape: tuple[int, ...]) -> None:
    tf_writer.write(tmp_path / "model", tensors | {name: np.zeros(shape, np.float32)})
    with pytest.raises(ModelError, match=rf"{name} has the shape \({', '.join(map(str, shape))}.*allowed: "):
        import_handwriting(tmp_path / "model", tmp_path / "pen")


def test_damaged_data_leave_no_model(tmp_path: Path, tensors: Tensors) -> None:
    tf_writer.write(tmp_path / "model", tensors)
    data = tmp_path / "model.data-00000-of-00001"
    data.write_bytes(data.read_bytes()[:-5000])
    with pytest.raises(ModelError, match="is cut short"):
        import_handwriting(tmp_path / "model", tmp_path / "pen")
    assert not (tmp_path / "pen").exists()


def test_what_importing_needs_is_named(
    tmp_path: Path, tensors: Tensors, monkeypatch: pytest.MonkeyPatch
) -> None:
    tf_writer.write(tmp_path / "model", tensors)
    monkeypatch.setattr(importing, "find_spec", lambda name: None if name == "onnx" else json)
    with pytest.raises(ModelError, match="importing needs onnx: pip install onnx"):
        import_handwriting(tmp_path / "model", tmp_path / "pen")
