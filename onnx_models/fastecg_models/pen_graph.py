"""Builds the ONNX graph of a pen from its weights; needs the package onnx, but neither torch nor a GPU.

The graph runs a Scan over steps that draws each point too, so that one call writes many points of many
words. Random numbers come in as an input: what a word looks like depends on its own numbers only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

Weights = Mapping[str, NDArray[np.float32]]
Precision = Literal["fp32", "fp16", "int8"]

OPSET: Final = 18
STATE: Final = ("x", "h1", "c1", "h2", "c2", "h3", "c3", "w", "places")
NOISE: Final = 5  # for the mixture, the end of the stroke, the end of the word, and both coordinates
SHARPEST: Final = -4.0
BROADEST: Final = 3.0
ALIGNED: Final = 0.995
LIMIT: Final = 8.0
LEVELS: Final = 127  # of a quantised output in (-1, 1), to each side
# Older processors add two products in 16 bits: 2 * 255 * 64 just fits, so all of them find the same sums.
WEIGHT_LEVELS: Final = 64


def build(weights: Weights, precision: Precision, properties: Mapping[str, str]) -> bytes:
    """Make an ONNX file of a pen.

    Parameters
    ----------
    weights : Mapping[str, NDArray]
        float32; matrices are (inputs, outputs), gates in the order input, forget, cell, output:
        ``x1``, ``x2``, ``x3`` (4, 4 * width) for the step before; ``w1``, ``w2``, ``w3``
        (alphabet, 4 * width) for the window; ``r1`` (width, 4 * width) and ``r2``, ``r3``
        (2 * width, 4 * width) for the layer below and the layer's own output; ``b1``, ``b2``, ``b3``;
        ``look``, ``look_b`` for the window's 3 * components; ``out`` (3 * width, 2 + 6 * mixtures),
        ``out_b``; ``reach`` (), the letters a window moves per step where its output is 0; and
        ``w_top`` (), the largest number a window shows, as far as 8 bits are to tell it.
    precision : Precision
        ``fp32``; ``fp16``, where the matrices of the layers are halved; ``int8``, where they are
        quantised, with fixed scales for what they multiply, so that words of one batch do not touch
        each other.
    properties : Mapping[str, str]
        Written into the file. ``end`` is ``"word"`` if the model itself tells where a word ends, as it does
        without the key, or ``"text"`` if a word ends when the window shows the end more than any letter.
        Of use to a ``Pen``: ``alphabet``, ``unit``, ``components``, and if needed ``longest``, the most
        steps a character takes, and ``origin``, ``"ink"`` if words do not begin on the baseline.

    Returns
    -------
    bytes
        Inputs: the parts of the state with a ``0`` behind their names, (words, ...); ``noise``
        (steps, words, 5), two of them normal; ``letters`` (words, letters) int64; ``counts``, the same
        shape, 1 for letters that count; ``bias`` (words, 1). Outputs: ``strokes`` (steps, words, 4) and
        the parts of the state with ``_last`` behind their names.

    Notes
    -----
    A. Graves, arXiv 1308.0850, sections 5.1 to 5.4.
    """
    from onnx import TensorProto, checker, helper  # noqa: PLC0415 - optional

    body = _Body(weights, precision, ends_by_text=properties.get("end") == "text")
    sizes = body.sizes
    last = body.step()

    def value(name: str, *shape: int | str, kind: int = TensorProto.FLOAT) -> Any:  # noqa: ANN401
        return helper.make_tensor_value_info(name, kind, list(shape))

    for name in STATE:
        body.name_as(last[name], f"{name}_next")
    body.name_as(last["x"], "stroke")
    inner = helper.make_graph(
        body.nodes,
        "step",
        [value(name, "words", sizes[name]) for name in STATE] + [value("draw", "words", NOISE)],
        [value(f"{name}_next", "words", sizes[name]) for name in STATE] + [value("stroke", "words", 4)],
    )
    size = body.constant(np.array(sizes["w"], np.int64))
    ends = body.constant(np.array([0, 1], np.float32))
    nodes = [
        helper.make_node("OneHot", ["letters", size, ends], ["chars"], axis=-1),
        helper.make_node("Shape", ["letters"], ["shape"]),
        helper.make_node("Gather", ["shape", body.constant(np.array(1, np.int64))], ["length"]),
        helper.make_node(
            "Range",
            [body.constant(np.array(0, np.int64)), "length", body.constant(np.array(1, np.int64))],
            ["index"],
        ),
        helper.make_node("Cast", ["index"], ["positions"], to=TensorProto.FLOAT),
        helper.make_node("Equal", ["letters", body.constant(np.array(0, np.int64))], ["at_end"]),
        helper.make_node(
            "Scan",
            [f"{name}0" for name in STATE] + ["noise"],
            [f"{name}_last" for name in STATE] + ["strokes"],
            body=inner,
            num_scan_inputs=1,
        ),
    ]
    graph = helper.make_graph(
        nodes,
        "pen",
        [value(f"{name}0", "words", sizes[name]) for name in STATE]
        + [
            value("noise", "steps", "words", NOISE),
            value("letters", "words", "length", kind=TensorProto.INT64),
            value("counts", "words", "length"),
            value("bias", "words", 1),
        ],
        [value("strokes", "steps", "words", 4)]
        + [value(f"{name}_last", "words", sizes[name]) for name in STATE],
        body.constants,
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9, producer_name="fastecg"
    )
    helper.set_model_props(model, dict(properties))
    checker.check_model(model)
    content: bytes = model.SerializeToString(deterministic=True)
    return content


class _Body:
    """The graph of one step, node by node."""

    def __init__(self, weights: Weights, precision: Precision, *, ends_by_text: bool) -> None:
        self._ends_by_text = ends_by_text
        self._weights = weights
        self._precision = precision
        self._count = 0
        self._small: dict[str, str] = {}
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        width = weights["b1"].shape[0] // 4
        layers = {name: width for name in STATE if name[0] in "hc"}
        self.mixtures = (weights["out_b"].shape[0] - 2) // 6
        self.sizes = layers | {
            "x": 4,
            "w": weights["w1"].shape[0],
            "places": weights["look_b"].shape[0] // 3,
        }

    def constant(self, array: NDArray[Any]) -> str:
        from onnx import numpy_helper  # noqa: PLC0415 - optional

        name = f"k{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def number(self, value: float) -> str:
        return self.constant(np.array(value, np.float32))

    def node(self, operation: str, *inputs: str, **attributes: Any) -> str:  # noqa: ANN401
        return self.nodes_of(operation, 1, *inputs, **attributes)[0]

    def nodes_of(self, operation: str, outputs: int, *inputs: str, **attributes: Any) -> list[str]:  # noqa: ANN401
        from onnx import helper  # noqa: PLC0415 - optional

        self._count += 1
        names = [f"n{self._count}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(operation, list(inputs), names, **attributes))
        return names

    def name_as(self, value: str, name: str) -> None:
        from onnx import helper  # noqa: PLC0415 - optional

        self.nodes.append(helper.make_node("Identity", [value], [name]))

    def split(self, value: str, *sizes: int) -> list[str]:
        lengths = self.constant(np.array(sizes, np.int64))
        return self.nodes_of("Split", len(sizes), value, lengths, axis=1)

    def affine(self, value: str, matrix: NDArray[np.float32], bias: NDArray[np.float32]) -> str:
        """Multiply by a matrix in full or half precision."""
        if self._precision != "fp16":
            return self.node("Gemm", value, self.constant(matrix), self.constant(bias))
        half = self.node("Cast", value, to=10)
        product = self.node("MatMul", half, self.constant(matrix.astype(np.float16)))
        return self.node("Add", self.node("Cast", product, to=1), self.constant(bias))

    def quantised(self, parts: list[tuple[str, float]], matrix: NDArray[np.float32]) -> str:
        """Multiply values by a matrix in 8 bits; each comes with the largest size it may have."""
        zero = self.constant(np.array(128, np.uint8))
        small = [self.small(value, top, zero) for value, top in parts]
        joined = small[0] if len(small) == 1 else self.node("Concat", *small, axis=1)
        column = np.maximum(np.abs(matrix).max(axis=0), 1e-12) / WEIGHT_LEVELS
        whole = self.constant(np.round(matrix / column).astype(np.int8))
        product = self.node("MatMulInteger", joined, whole, zero, self.constant(np.array(0, np.int8)))
        back = self.constant((column / LEVELS).astype(np.float32))
        return self.node("Mul", self.node("Cast", product, to=1), back)

    def small(self, value: str, top: float, zero: str) -> str:
        """Quantise a value, once however often it is used."""
        if value not in self._small:
            self._small[value] = self.node("QuantizeLinear", value, self.number(top / LEVELS), zero)
        return self._small[value]

    def layer(self, number: int, shown: str, outputs: list[str], cell: str) -> tuple[str, str]:
        """Run one LSTM layer on what the window shows; return its output and cell."""
        of = self._weights
        x, w, recurrent, bias = (of[f"{part}{number}"] for part in "xwrb")
        if self._precision == "int8":
            top = float(of["w_top"])
            parts = [(shown, top), *((output, 1.0) for output in outputs)]
            product = self.quantised(parts, np.concatenate([w * top, recurrent]))
            gates = self.node("Add", product, self.affine("x", x, bias))
        else:
            every = self.node("Concat", "x", shown, *outputs, axis=1)
            gates = self.affine(every, np.concatenate([x, w, recurrent]), bias)
        i, f, g, o = self.split(gates, *[bias.shape[0] // 4] * 4)
        kept = self.node("Mul", self.node("Sigmoid", f), cell)
        added = self.node("Mul", self.node("Sigmoid", i), self.node("Tanh", g))
        new = self.node("Add", kept, added)
        return self.node("Mul", self.node("Sigmoid", o), self.node("Tanh", new)), new

    def window(self, output: str) -> tuple[str, str, str]:
        """Move the window over the text; return what it shows, each letter's share, and its new places."""
        of, parts = self._weights, self.sizes["places"]
        look = self.node("Gemm", output, self.constant(of["look"]), self.constant(of["look_b"]))
        a, b, k = self.split(
            self.node("Exp", self.node("Min", look, self.number(LIMIT))), parts, parts, parts
        )
        places = self.node("Add", "places", self.node("Mul", k, self.number(float(of["reach"]))))
        second = self.constant(np.array([2], np.int64))
        first = self.constant(np.array([1], np.int64))
        distance = self.node("Sub", self.node("Unsqueeze", places, second), "positions")
        squared = self.node("Mul", self.node("Unsqueeze", b, second), self.node("Mul", distance, distance))
        bumps = self.node(
            "Mul", self.node("Unsqueeze", a, second), self.node("Exp", self.node("Neg", squared))
        )
        shares = self.node("Mul", self.node("ReduceSum", bumps, first, keepdims=0), "counts")
        shown = self.node("MatMul", self.node("Unsqueeze", shares, first), "chars")
        return self.node("Squeeze", shown, first), shares, places

    def text_is_over(self, shares: str) -> str:
        """Say whether the window shows the end more than any letter (A. Graves, section 5.3).

        Far behind the end all shares are 0, and the text is over too.
        """
        first, nothing = self.constant(np.array([1], np.int64)), self.number(0)
        end = self.node("ReduceSum", self.node("Where", "at_end", shares, nothing), first, keepdims=1)
        letters = self.node("ReduceMax", self.node("Where", "at_end", nothing, shares), first, keepdims=1)
        return self.node("Cast", self.node("LessOrEqual", letters, end), to=1)

    def step(self) -> dict[str, str]:
        """Write one point; return the new state."""
        of = self._weights
        h1, c1 = self.layer(1, "w", ["h1"], "c1")
        w, shares, places = self.window(h1)
        h2, c2 = self.layer(2, w, [h1, "h2"], "c2")
        h3, c3 = self.layer(3, w, [h2, "h3"], "c3")
        raw = self.affine(self.node("Concat", h1, h2, h3, axis=1), of["out"], of["out_b"])
        new = {"h1": h1, "c1": c1, "h2": h2, "c2": c2, "h3": h3, "c3": c3, "w": w, "places": places}
        return new | {"x": self.point(raw, shares)}

    def point(self, raw: str, shares_of_letters: str) -> str:
        """Draw the next point from the mixture and the random numbers."""
        ends, weight, mean_x, mean_y, log_x, log_y, rho = self.split(raw, 2, *[self.mixtures] * 6)
        which, lift, leave, normal_x, normal_y = self.split("draw", *[1] * NOISE)
        one = self.number(1)
        shares = self.node("Softmax", self.node("Mul", weight, self.node("Add", "bias", one)), axis=1)
        below = self.node("Less", self.node("CumSum", shares, self.constant(np.array(1, np.int64))), which)
        first = self.constant(np.array([1], np.int64))
        count = self.node("ReduceSum", self.node("Cast", below, to=1), first, keepdims=1)
        chosen = self.node("Cast", self.node("Min", count, self.number(self.mixtures - 1)), to=7)

        def pick(values: str) -> str:
            return self.node("GatherElements", values, chosen, axis=1)

        def deviation(log: str) -> str:
            limited = self.node("Clip", pick(log), self.number(SHARPEST), self.number(BROADEST))
            return self.node("Exp", self.node("Sub", limited, "bias"))

        tilt = self.node("Mul", self.node("Tanh", pick(rho)), self.number(ALIGNED))
        rest = self.node("Sqrt", self.node("Sub", one, self.node("Mul", tilt, tilt)))
        along = self.node("Add", self.node("Mul", tilt, normal_x), self.node("Mul", rest, normal_y))
        x = self.node("Add", pick(mean_x), self.node("Mul", deviation(log_x), normal_x))
        y = self.node("Add", pick(mean_y), self.node("Mul", deviation(log_y), along))
        stroke, word = self.split(self.node("Sigmoid", ends), 1, 1)
        up = self.node("Cast", self.node("Less", lift, stroke), to=1)
        if self._ends_by_text:
            done = self.text_is_over(shares_of_letters)
        else:
            done = self.node("Mul", up, self.node("Cast", self.node("Less", leave, word), to=1))
        return self.node("Concat", x, y, up, done, axis=1)
