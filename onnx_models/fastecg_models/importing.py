"""Turns the checkpoint of Grzego's handwriting-generation, which ECG-Image-Kit uses, into a pen of ours.

The names and shapes of its tensors and its alphabet are facts about that model. Its weights were learned from
IAM-OnDB, whose terms allow research only: nothing of them is shipped, each user imports an own copy.
"""

from __future__ import annotations

import json
import string
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray

from fastecg_models._onnx import open_model
from fastecg_models.cards import Card, checksum, write_card
from fastecg_models.errors import ModelError
from fastecg_models.pen import LAYERS, STYLES, pens_styles
from fastecg_models.pen_graph import NOISE, STATE, Precision, Weights, build
from fastecg_models.tf_bundle import Bundle

# The first stands for none; the others are in the order of their codes.
ALPHABET: Final = ("", *sorted(string.ascii_letters + string.digits + " !\"#%&'()+,-./:;?"))
PEN: Final = 3  # dx, dy, end of stroke
UNIT: Final = 0.9  # x-heights: the x-height of the strokes that come with the model is 1.1
LONGEST: Final = 60  # steps a character, as in the model's own program
MIXTURE: Final = ("pi", "mu1", "mu2", "std1", "std2", "rho")
STYLE: Final = "plain"
TRIED: Final = ("sinus", "rhythm", "HR72", "(V1-V6)", "Anterior", "QTc:460", "block?", "JZWgyq")
NOTICE: Final = (
    "The program is under the MIT licence. The weights were learned from IAM-OnDB, whose terms allow "
    "non-commercial research only; whether they may be used or passed on otherwise is not settled. fastecg "
    "ships nothing of them: this is your own copy."
)


@dataclass(frozen=True, slots=True)
class _Sizes:
    width: int
    components: int
    mixtures: int


def import_handwriting(path: Path, folder: Path) -> Card:
    """Write a pen in all precisions from a TensorFlow checkpoint.

    Parameters
    ----------
    path : Path
        ``…/model-29``, its ``.index`` or its folder.
    folder : Path
        Where to; made if missing.

    Returns
    -------
    Card
        The card of the new model. ``Pen(folder)`` writes with it, in one style, ``plain``: the state
        before the first stroke, which ECG-Image-Kit writes from too.

    Raises
    ------
    ModelError
        If the checkpoint cannot be read, is damaged, lacks a tensor or has one of another shape, or if the
        packages onnx and onnxruntime are not installed.

    Notes
    -----
    The model: A. Graves, arXiv 1308.0850, with the mixture read from the third layer alone. TensorFlow's
    LSTMCell adds 1 to the forget gate and has its gates in the order input, cell, forget, output.

    Examples
    --------
    >>> import_handwriting(Path("model-0"), Path("pen"))
    Traceback (most recent call last):
    fastecg_models.errors.ModelError: there is no checkpoint model-0: model-0.index cannot be read
    """
    weights = weights_of(Bundle(path))
    missing = [name for name in ("onnx", "onnxruntime") if find_spec(name) is None]
    if missing:
        raise ModelError(f"importing needs {' and '.join(missing)}: pip install {' '.join(missing)}")
    components = len(weights["look_b"]) // 3
    said = {
        "alphabet": json.dumps(ALPHABET),
        "unit": str(UNIT),
        "components": str(components),
        "end": "text",
        "origin": "ink",
        "longest": str(LONGEST),
    }
    weights["w_top"] = np.array(_window_top(weights, said), np.float32)
    files = {f"pen-{kind}.onnx": build(weights, kind, said) for kind in get_args(Precision)}
    width = len(weights["b1"]) // 4
    start = {"x": np.array([0, 0, 1, 1], np.float32)} | {part: np.zeros(width, np.float32) for part in LAYERS}
    files[STYLES] = pens_styles([(STYLE, start)])
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    card = Card(
        name=f"imported pen, 3 x {width} units",
        purpose="Writes words as pen strokes (Graves 2013).",
        data="IAM-OnDB, as far as its publisher says.",
        licence=NOTICE,
        attribution="Grzego, handwriting-generation; M. Liwicki and H. Bunke, IAM-OnDB, ICDAR 2005.",
        command=f"fastecg models import-handwriting {path.name}",
        figures={},
        checksums={name: checksum(content) for name, content in files.items()},
    )
    write_card(card, folder)
    return card


def weights_of(bundle: Bundle) -> dict[str, NDArray[np.float32]]:
    """Give the weights of a checkpoint as ``pen_graph.build`` takes them.

    Parameters
    ----------
    bundle : Bundle
        The checkpoint.

    Returns
    -------
    dict
        All but ``w_top``, which has to be measured; it is 1.

    Raises
    ------
    ModelError
        If a tensor is missing or has another shape, or its bytes are damaged.
    """
    sizes = _sizes(bundle)
    found = _read(bundle, sizes)
    letters, width = len(ALPHABET), sizes.width
    weights: dict[str, NDArray[np.float32]] = {}
    for number in "123":
        kernel, bias = (found[_layer(number, part)] for part in ("kernel", "bias"))
        pen, window, recurrent = np.split(_reordered(kernel), [PEN, PEN + letters])
        window[0] = 0  # TensorFlow shows an empty column where our text has its end
        weights |= {
            f"x{number}": np.concatenate([pen, np.zeros((1, 4 * width), np.float32)]),  # no end of word
            f"w{number}": window,
            f"r{number}": recurrent,
            f"b{number}": _reordered(bias + _forget_bias(width)),
        }
    mixture = [found[f"model/mixture_output/{part}/kernel"] for part in ("e", *MIXTURE)]
    biases = [found[f"model/mixture_output/{part}/bias"] for part in ("e", *MIXTURE)]
    mixture.insert(1, np.zeros((width, 1), np.float32))  # the end of a word is seen by the window
    biases.insert(1, np.zeros(1, np.float32))
    third = np.concatenate(mixture, axis=1)
    window_parts = [f"model/rnn/rnn_model/window/{part}" for part in ("alpha", "beta", "kappa")]
    return weights | {
        "out": np.concatenate([np.zeros((2 * width, third.shape[1]), np.float32), third]),
        "out_b": np.concatenate(biases),
        "look": np.concatenate([found[f"{part}/kernel"] for part in window_parts], axis=1),
        "look_b": np.concatenate([found[f"{part}/bias"] for part in window_parts]),
        "reach": np.array(1, np.float32),
        "w_top": np.array(1, np.float32),
    }


def _layer(number: str, part: str) -> str:
    return f"model/rnn/rnn_model/lstm_{int(number) - 1}/lstm_cell/{part}"


def _sizes(bundle: Bundle) -> _Sizes:
    """Read the sizes of a model off the shapes of three tensors."""
    names = (
        _layer("1", "bias"),
        "model/rnn/rnn_model/window/alpha/bias",
        "model/mixture_output/pi/bias",
    )
    for name in names:
        _check_there(bundle, name)
    counts = [bundle.shape(name)[0] if bundle.shape(name) else 0 for name in names]
    if counts[0] % 4 or not all(counts):
        raise ModelError(
            f"{names[0]} has the shape {bundle.shape(names[0])} (allowed: four gates of a width)"
        )
    return _Sizes(counts[0] // 4, counts[1], counts[2])


def _read(bundle: Bundle, sizes: _Sizes) -> dict[str, NDArray[np.float32]]:
    """Read all tensors that are needed, after a look at their shapes."""
    width = sizes.width
    shapes: dict[str, tuple[int, ...]] = {}
    for number in "123":
        below = 0 if number == "1" else width
        shapes[_layer(number, "kernel")] = (PEN + len(ALPHABET) + below + width, 4 * width)
        shapes[_layer(number, "bias")] = (4 * width,)
    outputs = {f"model/rnn/rnn_model/window/{part}": sizes.components for part in ("alpha", "beta", "kappa")}
    outputs |= {f"model/mixture_output/{part}": sizes.mixtures for part in MIXTURE}
    outputs["model/mixture_output/e"] = 1
    for name, count in outputs.items():
        shapes |= {f"{name}/kernel": (width, count), f"{name}/bias": (count,)}
    for name, shape in shapes.items():
        _check_there(bundle, name)
        if bundle.shape(name) != shape:
            raise ModelError(
                f"{name} has the shape {bundle.shape(name)} (allowed: {shape}); this is no checkpoint of "
                "handwriting-generation"
            )
    return {name: bundle.tensor(name) for name in shapes}


def _check_there(bundle: Bundle, name: str) -> None:
    if name not in bundle.names:
        raise ModelError(f"the checkpoint lacks {name}: it is none of handwriting-generation")


def _forget_bias(width: int) -> NDArray[np.float32]:
    """Return what TensorFlow adds to the gates: 1 to the third, which forgets."""
    return np.repeat(np.array([0, 0, 1, 0], np.float32), width)


def _reordered(gates: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bring gates from input, cell, forget, output into the order input, forget, cell, output."""
    into, cell, forget, out = np.split(gates, 4, axis=-1)
    return np.concatenate([into, forget, cell, out], axis=-1)


def _window_top(weights: Weights, said: Mapping[str, str]) -> float:
    """Let the pen write and return the number that all but one in a thousand of its windows stay below."""
    session = open_model(build(weights, "fp32", said))
    rng = np.random.default_rng(0)
    longest = max(map(len, TRIED)) + 1
    letters = np.zeros((len(TRIED), longest), np.int64)
    for row, text in enumerate(TRIED):
        letters[row, : len(text)] = [ALPHABET.index(character) for character in text]
    lengths = np.array([[len(text) + 1] for text in TRIED])
    width = len(weights["b1"]) // 4
    sizes = {"x": 4, "w": len(ALPHABET), "places": len(weights["look_b"]) // 3}
    state = {part: np.zeros((len(TRIED), sizes.get(part, width)), np.float32) for part in STATE}
    state["x"][:, 2:] = 1
    tops = []
    for _ in range(20 * longest):
        draw = rng.random((1, len(TRIED), NOISE)).astype(np.float32)
        draw[..., 3:] = rng.standard_normal((1, len(TRIED), 2))
        inputs: dict[str, NDArray[np.generic]] = {f"{part}0": values for part, values in state.items()}
        inputs |= {
            "noise": draw,
            "letters": letters,
            "counts": (np.arange(longest) < lengths).astype(np.float32),
            "bias": np.full((len(TRIED), 1), 0.5, np.float32),
        }
        found = session.run([f"{part}_last" for part in STATE], inputs)
        state = dict(zip(STATE, found, strict=True))
        tops.append(state["w"].max(axis=1))
    return max(float(np.quantile(np.stack(tops), 0.999)), 0.5)
