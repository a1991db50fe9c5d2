"""Make the shipped stroke bank, the most legible of four tries each: ``python -m training.handwriting.bank``.

``fastecg models bank`` makes one without a reader. The reader's figures go onto the bank's card.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from fastecg.bank_words import bank_words
from fastecg_models.bank import SHIPPED_BANK
from fastecg_models.bank_making import BIASES, Order, make_bank, save_bank
from fastecg_models.cards import read_card
from fastecg_models.pen import SHIPPED, Pen
from fastecg_models.strokes import Strokes
from training.handwriting.alphabet import encode
from training.handwriting.data import Writing, as_steps
from training.handwriting.judge import figures
from training.handwriting.reader import Reader, batch


class Legibility:
    """How likely a reader takes strokes for their text, per character.

    Parameters
    ----------
    reader : Reader
        A trained one.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader.eval()

    def __call__(self, texts: Sequence[str], written: Sequence[Strokes]) -> list[float]:
        """Return log chances, at most 0; more is better."""
        marks = [0.0] * len(texts)
        order = sorted(range(len(texts)), key=lambda i: len(written[i].xy))
        for begin in range(0, len(order), 64):
            rows = order[begin : begin + 64]
            steps, lengths = batch([writing(texts[i], written[i]) for i in rows])
            codes = [torch.from_numpy(encode(texts[i])[:-1]) for i in rows]
            counts = torch.tensor([len(code) for code in codes])
            with torch.no_grad():
                losses = torch.nn.functional.ctc_loss(
                    self._reader(steps), torch.cat(codes), lengths, counts, reduction="none"
                )
            for i, loss, count in zip(rows, losses.tolist(), counts.tolist(), strict=True):
                marks[i] = -loss / count
        return marks


def writing(text: str, strokes: Strokes) -> Writing:
    """Return strokes as the reader takes them."""
    return Writing(text, as_steps(strokes.xy, strokes.pen_up))


def legible(reader: Reader, made: Mapping[tuple[str, str], Sequence[Strokes]], name: str) -> dict[str, float]:
    """Return how well up to 2000 words of letters are read; a judge's own choice flatters itself."""
    words = [
        writing(text, strokes)
        for (text, _), cell in made.items()
        if len(text) > 1 and text.isalpha()
        for strokes in cell
    ]
    chosen = np.random.default_rng(5).choice(len(words), min(2000, len(words)), replace=False)
    return figures(reader, [words[i] for i in chosen], name)


def main() -> None:
    """Read the command line and make a bank."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--words", type=Path, help="a text file, the most wanted words first")
    parser.add_argument("--size", type=int, required=True, help="words in the bank")
    parser.add_argument("--reader", type=Path, help="a trained reader; without it the first try is taken")
    parser.add_argument("--model", type=Path, default=SHIPPED, help="folder of the pen")
    parser.add_argument("--out", type=Path, default=SHIPPED_BANK, help="folder of the bank")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--bias", type=float, nargs="+", default=BIASES)
    wanted = parser.parse_args()
    torch.set_num_threads(1)
    words = bank_words() if wanted.words is None else tuple(wanted.words.read_text().split())
    order = Order(words, wanted.size, wanted.seed, tuple(wanted.bias))
    reader = None
    if wanted.reader is not None:
        reader = Reader()
        reader.load_state_dict(torch.load(wanted.reader, weights_only=True))
    pen = Pen(wanted.model)
    made = make_bank(pen, order, reader and Legibility(reader))
    command = shlex.join(["python", "-m", "training.handwriting.bank", *sys.argv[1:]])
    found = {}
    if reader is not None:
        found = legible(reader, made, "best of four by this reader")
        found |= legible(reader, make_bank(pen, order), "first tries")
    card = save_bank(made, wanted.out, read_card(wanted.model), command, **found)
    for name, share in card.figures.items():
        print(f"{name}: {share:.3f}")  # noqa: T201


if __name__ == "__main__":
    main()
