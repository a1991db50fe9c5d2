"""Measure how well a reader reads a pen and people: ``python -m training.handwriting.judge --help``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import get_args

import numpy as np
import torch

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


def main() -> None:
    """Print shares of characters read correctly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the stroke pack, an .npz")
    parser.add_argument("--reader", type=Path, required=True, help="a trained reader")
    parser.add_argument("--model", type=Path, required=True, help="folder of an exported model")
    parser.add_argument("--words", type=int, default=400)
    parser.add_argument("--bias", type=float, nargs="+", default=[0.0, 0.5, 1.0])
    parser.add_argument("--precision", choices=get_args(Precision), nargs="+", default=["fp32", "int8"])
    parser.add_argument("--by-style", action="store_true", help="tell the styles apart")
    wanted = parser.parse_args()
    torch.set_num_threads(1)
    reader = Reader()
    reader.load_state_dict(torch.load(wanted.reader, weights_only=True))
    real = people(load(wanted.data, TEST), wanted.words)
    texts = [writing.text for writing in real]
    print(f"people: {accuracy(reader, real):.3f}, last letters {last_letters(reader, real):.3f}")  # noqa: T201
    for precision in wanted.precision:
        pen = Pen(wanted.model, precision)
        for bias in wanted.bias:
            written = by_pen(pen, texts, bias, pen.styles)
            score, last = accuracy(reader, written), last_letters(reader, written)
            print(f"pen {precision} bias {bias}: {score:.3f}, last letters {last:.3f}")  # noqa: T201
            for style in pen.styles if wanted.by_style else ():
                score = accuracy(reader, by_pen(pen, texts[:150], bias, (style,)))
                print(f"    {style}: {score:.3f}")  # noqa: T201


if __name__ == "__main__":
    main()
