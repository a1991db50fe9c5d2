"""Compare the exported graph with PyTorch, step by step: ``python -m training.handwriting.parity --help``."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
import torch
from numpy.typing import NDArray

from fastecg_models._onnx import open_model
from fastecg_models.pen_graph import NOISE, STATE, Precision, build
from training.handwriting.alphabet import SIZE, encode
from training.handwriting.data import VALIDATION, load
from training.handwriting.export import newest, properties, weights_of, window_top
from training.handwriting.loss import mixture
from training.handwriting.model import Pen, State
from training.handwriting.streams import START


@dataclass(frozen=True, slots=True)
class Trial:
    """Words to write and the random numbers to write them with."""

    letters: NDArray[np.int64]
    counts: NDArray[np.float32]
    noise: NDArray[np.float32]
    bias: NDArray[np.float32]

    @classmethod
    def of(cls, texts: tuple[str, ...], steps: int, seed: int) -> Trial:
        """Draw random numbers for some texts."""
        rng = np.random.default_rng(seed)
        codes = [encode(text) for text in texts]
        letters = np.zeros((len(texts), max(map(len, codes))), np.int64)
        counts = np.zeros(letters.shape, np.float32)
        for row, code in enumerate(codes):
            letters[row, : len(code)], counts[row, : len(code)] = code, 1
        noise = np.empty((steps, len(texts), NOISE), np.float32)
        noise[..., :3] = rng.random((steps, len(texts), 3))
        noise[..., 3:] = rng.standard_normal((steps, len(texts), 2))
        bias = rng.uniform(0, 1, (len(texts), 1)).astype(np.float32)
        return cls(letters, counts, noise, bias)


def by_torch(pen: Pen, trial: Trial) -> NDArray[np.float32]:
    """Write with PyTorch, one step after the other.

    Returns
    -------
    NDArray[np.float32]
        Shape (steps, words, 4).
    """
    letters, counts = torch.from_numpy(trial.letters)[None], torch.from_numpy(trial.counts)[None]
    bias, lanes = torch.from_numpy(trial.bias), len(trial.letters)
    x = torch.from_numpy(np.tile(START, (lanes, 1)))
    state: State = pen.start(lanes)
    keep = torch.ones(1, lanes, 1)
    strokes = []
    with torch.no_grad():
        for draw in torch.from_numpy(trial.noise):
            raw, state = pen(x[None], letters, counts, keep, state)
            x = _draw(raw[0], draw, bias)
            strokes.append(x.numpy())
    return np.stack(strokes)


def _draw(raw: torch.Tensor, draw: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """Draw a point from the mixture, neater with a larger bias (Graves, equations 61 and 62)."""
    weight, mean_x, mean_y, log_x, log_y, rho = mixture(raw)
    shares = torch.softmax(weight * (1 + bias), 1)
    which = (shares.cumsum(1) < draw[:, :1]).sum(1, keepdim=True).clamp(max=weight.shape[1] - 1)
    mean_x, mean_y, log_x, log_y, rho = (
        part.gather(1, which) for part in (mean_x, mean_y, log_x, log_y, rho)
    )
    x = mean_x + torch.exp(log_x - bias) * draw[:, 3:4]
    along = rho * draw[:, 3:4] + torch.sqrt(1 - rho * rho) * draw[:, 4:5]
    y = mean_y + torch.exp(log_y - bias) * along
    up = (draw[:, 1:2] < torch.sigmoid(raw[:, :1])).float()
    done = up * (draw[:, 2:3] < torch.sigmoid(raw[:, 1:2])).float()
    return torch.cat([x, y, up, done], 1)


def by_onnx(content: bytes, trial: Trial, width: int) -> NDArray[np.float32]:
    """Write with the exported graph in one call.

    Returns
    -------
    NDArray[np.float32]
        Shape (steps, words, 4).
    """
    session = open_model(content)
    lanes = len(trial.letters)
    known = {"x": 4, "w": SIZE, "places": int(session.properties["components"])}
    inputs: dict[str, NDArray[np.generic]] = {
        f"{part}0": np.zeros((lanes, known.get(part, width)), np.float32) for part in STATE
    }
    inputs["x0"] = np.tile(START, (lanes, 1))
    given: dict[str, NDArray[np.generic]] = {
        "letters": trial.letters,
        "counts": trial.counts,
        "noise": trial.noise,
        "bias": trial.bias,
    }
    inputs.update(given)
    return session.run(["strokes"], inputs)[0]


def main() -> None:
    """Print how far each precision is from PyTorch over 200 steps."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the stroke pack, an .npz")
    parser.add_argument("--run", type=Path, required=True, help="folder of the training run")
    wanted = parser.parse_args()
    torch.set_num_threads(1)
    pen = newest(wanted.run).pen
    top = window_top(pen, load(wanted.data, VALIDATION))
    trial = Trial.of(("ventricular", "V2-V4", "sinus", "fibrillation", "72"), 200, 1)
    expected = by_torch(pen, trial)
    for precision in get_args(Precision):
        found = by_onnx(build(weights_of(pen, top), precision, properties(pen)), trial, pen.shape.width)
        apart = np.abs(found - expected)[..., :2].max(axis=(1, 2))
        print(precision, "largest difference over 1, 10, 50, 200 steps:", end=" ")  # noqa: T201
        print(*(f"{apart[:n].max():.1e}" for n in (1, 10, 50, 200)))  # noqa: T201


if __name__ == "__main__":
    main()
