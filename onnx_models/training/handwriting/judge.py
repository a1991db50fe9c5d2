"""Measure how well a reader reads a pen and people: ``python -m training.handwriting.judge --help``.

The figures go onto the model's card.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import torch

from fastecg_models.cards import read_card, write_card
from fastecg_models.pen import Pen, Word
from fastecg_models.pen_graph import Precision
from training.handwriting.data import TEST, Writer, Writing, as_steps, load
from training.handwriting.reader import Reader, accuracy, last_letters


def people(writers: list[Writer], count: int) -> list[Writing]:
    """Choose words that people wrote, the same on each call."""
    words = [word for writer in writers for word in writer.words]
    chosen = np.random.default_rng(5).choice(len(words), min(count, len(words)), replace=False)
    return [words[i] for i in chosen]


def by_pen(pen: Pen, texts: list[str], bias: float, styles: tuple[str, ...]) -> list[Writing]:
    """Let a pen write texts, one style after the other."""
    words = [Word(text, styles[i % len(styles)], seed=i, bias=bias) for i, text in enumerate(texts)]
    return [
        Writing(text, as_steps(strokes.xy, strokes.pen_up))
        for text, strokes in zip(texts, pen.write(words), strict=True)
    ]


def figures(reader: Reader, writings: list[Writing], name: str) -> dict[str, float]:
    """Return the shares of characters and of last letters that were read correctly."""
    return {
        f"{name}, characters read": round(accuracy(reader, writings), 3),
        f"{name}, last letters read": round(last_letters(reader, writings), 3),
    }


def main() -> None:
    """Print shares of characters read correctly and note them on the model's card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the stroke pack, an .npz")
    parser.add_argument("--reader", type=Path, required=True, help="a trained reader")
    parser.add_argument("--model", type=Path, required=True, help="folder of an exported model")
    parser.add_argument("--words", type=int, default=600)
    parser.add_argument("--bias", type=float, nargs="+", default=[0.0, 0.5, 1.0])
    parser.add_argument("--precision", choices=get_args(Precision), nargs="+", default=["fp32", "int8"])
    parser.add_argument("--styles", action="store_true", help="tell the styles apart too")
    wanted = parser.parse_args()
    torch.set_num_threads(1)
    reader = Reader()
    reader.load_state_dict(torch.load(wanted.reader, weights_only=True))
    real = people(load(wanted.data, TEST), wanted.words)
    texts = [writing.text for writing in real]
    found = figures(reader, real, "people")
    for precision in wanted.precision:
        pen = Pen(wanted.model, precision)
        for bias in wanted.bias:
            found |= figures(reader, by_pen(pen, texts, bias, pen.styles), f"{precision} at bias {bias}")
        for style in pen.styles if wanted.styles else ():
            print(style, figures(reader, by_pen(pen, texts[:200], 0.5, (style,)), precision))  # noqa: T201
    for name, share in found.items():
        print(f"{name}: {share:.3f}")  # noqa: T201
    card = read_card(wanted.model)
    write_card(replace(card, figures=card.figures | found), wanted.model)


if __name__ == "__main__":
    main()
