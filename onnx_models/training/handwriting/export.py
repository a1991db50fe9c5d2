"""Turn the newest checkpoint into the shipped model: ``python -m training.handwriting.export --help``."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
import torch
from numpy.typing import NDArray

from fastecg_models.cards import Card, checksum, write_card
from fastecg_models.pen import LAYERS, STYLES, pens_styles
from fastecg_models.pen_graph import Precision, Weights, build
from training.handwriting.alphabet import CHARACTERS, encode
from training.handwriting.data import STEP, TRAIN, Writer, Writing, load
from training.handwriting.model import Pen, Shape
from training.handwriting.streams import START, Streams
from training.handwriting.train import CHECKPOINT, tensors
from training.handwriting.window import REACH, window_layer

PRIMED = 12  # words read before a style is cached


@dataclass(frozen=True, slots=True)
class Trained:
    """A pen from a checkpoint."""

    pen: Pen
    update: int
    cpu_s: float


def newest(folder: Path) -> Trained:
    """Load the running mean of the weights from the newest checkpoint of a run."""
    content: dict[str, Any] = torch.load(folder / CHECKPOINT, weights_only=True, map_location="cpu")
    pen = Pen(Shape(**content["shape"]))
    pen.load_state_dict(content["average"])
    return Trained(pen.eval(), content["update"], content["seconds"])


def weights_of(pen: Pen, top: float) -> Weights:
    """Give a pen's weights and the top of its windows as ``fastecg_models.pen_graph.build`` takes them."""
    alphabet, width = pen.shape.alphabet, pen.shape.width
    found: dict[str, torch.Tensor] = {
        "x1": pen.input.weight.t(),
        "b1": pen.input.bias,
        "w1": pen.recurrent[:alphabet],
        "r1": pen.recurrent[alphabet:],
        "look": pen.look,
        "look_b": pen.look_bias,
        "out": pen.output.weight.t(),
        "out_b": pen.output.bias,
        "reach": torch.tensor(REACH),
        "w_top": torch.tensor(top),
    }
    for number, layer in ((2, pen.second), (3, pen.third)):
        outer, own = layer.weight_ih_l0.t(), layer.weight_hh_l0.t()
        found[f"x{number}"], found[f"w{number}"] = outer[:4], outer[4 + width :]
        found[f"r{number}"] = torch.cat([outer[4 : 4 + width], own])
        found[f"b{number}"] = layer.bias_ih_l0 + layer.bias_hh_l0
    return {name: value.detach().numpy().astype(np.float32) for name, value in found.items()}


def window_top(pen: Pen, writers: list[Writer]) -> float:
    """Return the number that all but one in ten thousand of the windows stay below."""
    segment = Streams(writers, 16, np.random.default_rng(0)).segment(160)
    inputs, letters, counts, keep, _ = tensors(segment, pen)
    state = pen.start(16)
    with torch.no_grad():
        weights = (pen.recurrent, pen.look, pen.look_bias)
        start = (state.h1, state.c1, state.window, state.places)
        _, shown, _ = window_layer(pen.input(inputs), weights, (letters, counts, keep), start)
    return float(np.quantile(shown.amax(2).numpy(), 0.9999))


def properties(pen: Pen) -> dict[str, str]:
    """Return what the ONNX file says about itself; the first character of the alphabet is the end."""
    return {
        "alphabet": json.dumps(["", *CHARACTERS]),
        "unit": str(STEP),
        "components": str(pen.shape.components),
        "width": str(pen.shape.width),
    }


def primed(pen: Pen, words: list[Writing]) -> dict[str, NDArray[np.float32]]:
    """Let a pen read a writer's words and return its state at their end."""
    state = pen.start(1)
    before = START
    with torch.no_grad():
        for word in words:
            steps = np.concatenate([before[None], word.steps[:-1]])
            before = word.steps[-1]
            letters = torch.from_numpy(encode(word.text))[None, None].expand(len(steps), 1, -1).contiguous()
            keep = torch.ones(len(steps), 1, 1)
            keep[0] = 0
            inputs = torch.from_numpy(steps)[:, None]
            _, state = pen(inputs, letters, torch.ones(letters.shape), keep, state)
    return {"x": before} | {name: getattr(state, name)[0].numpy() for name in LAYERS}


def priming_words(writer: Writer) -> list[Writing]:
    """Choose words that say much about a hand: the ones with most different letters first."""
    ranked = sorted(writer.words, key=lambda word: (-len(set(word.text)), word.text))
    chosen, texts = [], set()
    for word in ranked:
        if word.text.lower() not in texts and 4 <= len(word.text) <= 12:
            texts.add(word.text.lower())
            chosen.append(word)
    return chosen[:PRIMED][::-1]


def export(trained: Trained, writers: dict[str, Writer], folder: Path, about: dict[str, float]) -> None:
    """Write all precisions, the styles and the card.

    Parameters
    ----------
    trained : Trained
        The pen.
    writers : dict[str, Writer]
        The writer of each style by the style's name.
    folder : Path
        Where to; made if missing.
    about : dict[str, float]
        Losses and measured figures for the card.
    """
    folder.mkdir(parents=True, exist_ok=True)
    weights = weights_of(trained.pen, window_top(trained.pen, list(writers.values())))
    said = properties(trained.pen)
    files = {f"pen-{kind}.onnx": build(weights, kind, said) for kind in get_args(Precision)}
    files[STYLES] = pens_styles(
        (name, primed(trained.pen, priming_words(writer))) for name, writer in writers.items()
    )
    for name, content in files.items():
        (folder / name).write_bytes(content)
    write_card(card(trained, about, {name: checksum(content) for name, content in files.items()}), folder)


def card(trained: Trained, about: dict[str, float], checksums: dict[str, str]) -> Card:
    """Return the card of an exported pen."""
    width = trained.pen.shape.width
    figures = about | {"updates": float(trained.update), "cpu_hours": round(trained.cpu_s / 3600, 2)}
    return Card(
        name=f"pen, 3 x {width} units",
        purpose="Writes words of printable ASCII as pen strokes in the style of a writer (Graves 2013).",
        data=(
            "UNIPEN train_r01_v07 (International Unipen Foundation, Zenodo 10.5281/zenodo.1195803) and "
            "UJI Pen Characters v1 (UCI Machine Learning Repository): 466 writers to learn from, 59 held out."
        ),
        licence=(
            "UNIPEN: CC BY 4.0 according to the snapshot used; a notice of 1999 in the same tree grants "
            "research use and forbids to distribute the data for commercial purposes. UJI: CC BY 4.0. "
            "The weights hold none of the strokes; whoever uses them commercially should know both notices."
        ),
        attribution=(
            "I. Guyon, L. Schomaker, R. Plamondon, M. Liberman, S. Janet, UNIPEN project of on-line data "
            "exchange and recognizer benchmarks, ICPR 1994. UJI Pen Characters: D. Llorens and others, "
            "Universitat Jaume I, LREC 2008. Changes: selected, rescaled, rotated, smoothed, resampled."
        ),
        command=(
            "python -m training.handwriting.train --data strokes.npz --out run "
            f"--width {width} --updates {trained.update}"
        ),
        figures=figures,
        checksums=checksums,
    )


def losses_of(folder: Path, update: int) -> dict[str, float]:
    """Return the line of the log for an update, as far as it tells losses."""
    kept = ("points", "ends", "held_out_points", "held_out_ends")
    for line in reversed((folder / "log.jsonl").read_text().splitlines()):
        found = json.loads(line)
        if found["update"] <= update:
            return {name: float(found[name]) for name in kept if name in found}
    return {}


def main() -> None:
    """Read the command line and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the stroke pack, an .npz")
    parser.add_argument("--run", type=Path, required=True, help="folder of the training run")
    parser.add_argument("--out", type=Path, required=True, help="folder of the model")
    parser.add_argument("--styles", type=Path, default=Path(__file__).with_name("styles.json"))
    wanted = parser.parse_args()
    torch.set_num_threads(1)
    trained = newest(wanted.run)
    by_name = {writer.name: writer for writer in load(wanted.data, TRAIN)}
    styles: dict[str, str] = json.loads(wanted.styles.read_text())
    writers = {style: by_name[name] for style, name in styles.items()}
    export(trained, writers, wanted.out, losses_of(wanted.run, trained.update))


if __name__ == "__main__":
    main()
