"""A reader of pen strokes that judges the pen: a small recogniser with the loss of Graves (2006).

``python -m training.handwriting.reader --data strokes.npz --out reader.pt`` trains it on writers the pen
has never seen: those for validation. It is measured on the third group of writers.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.handwriting.alphabet import CHARACTERS, SIZE, encode
from training.handwriting.data import STEP, TEST, VALIDATION, Writer, Writing, load, made_up

FEATURES = 7


class Reader(nn.Module):
    """Two bidirectional LSTM layers from steps of a pen to characters; 0 stands for none."""

    def __init__(self, width: int = 128) -> None:
        super().__init__()
        self.layers = nn.LSTM(FEATURES, width, 2, bidirectional=True, dropout=0.3)
        self.output = nn.Linear(2 * width, SIZE)
        self.drop = nn.Dropout(0.3)

    def forward(self, steps: Tensor) -> Tensor:
        """Return log chances, shape (steps, words, SIZE)."""
        return torch.log_softmax(self.output(self.drop(self.layers(steps)[0])), 2)


def features(steps: NDArray[np.float32]) -> NDArray[np.float32]:
    """Describe each point: the step to it, its direction, its height, and whether the pen was down.

    Parameters
    ----------
    steps : NDArray[np.float32]
        As in a Writing, shape (n, 4).
    """
    length = np.hypot(steps[:, 0], steps[:, 1]) + 1e-3
    height = np.cumsum(steps[:, 1]) * STEP
    lifted = np.concatenate([[1], steps[:-1, 2]])
    parts = (steps[:, 0], steps[:, 1], steps[:, 0] / length, steps[:, 1] / length, height)
    return np.stack([np.clip(p, -4, 4) for p in parts] + [lifted, steps[:, 2]], axis=1).astype(np.float32)


def varied(writing: Writing, rng: np.random.Generator) -> Writing:
    """Change size, slant and rotation a little."""
    angle, slant = rng.normal(0, 0.05), rng.normal(0, 0.15)
    wide, high = np.exp(rng.normal(0, 0.12, 2))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    change = turn @ np.array([[wide, 0], [slant, high]])
    steps = writing.steps.copy()
    steps[:, :2] = steps[:, :2] @ change.astype(np.float32)
    return Writing(writing.text, steps)


def batch(writings: list[Writing]) -> tuple[Tensor, Tensor]:
    """Return padded features (steps, words, FEATURES) and the lengths."""
    described = [torch.from_numpy(features(writing.steps)) for writing in writings]
    return nn.utils.rnn.pad_sequence(described), torch.tensor([len(part) for part in described])


def read(reader: Reader, writings: list[Writing]) -> list[str]:
    """Read words: the likeliest character of each step, repeats and nothings left out."""
    texts = [""] * len(writings)
    order = sorted(range(len(writings)), key=lambda i: len(writings[i].steps))
    reader.eval()
    with torch.no_grad():
        for begin in range(0, len(order), 64):
            chosen = order[begin : begin + 64]
            steps, lengths = batch([writings[i] for i in chosen])
            best = reader(steps).argmax(2).numpy()
            for row, i in enumerate(chosen):
                codes = best[: lengths[row], row]
                kept = codes[(codes > 0) & (np.diff(codes, prepend=-1) != 0)]
                texts[i] = "".join(CHARACTERS[code - 1] for code in kept)
    return texts


def distance(one: str, other: str) -> int:
    """Count the characters to change, add or remove to get from one text to another.

    Examples
    --------
    >>> distance("axis", "axes"), distance("", "V1")
    (1, 2)
    """
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        corner, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (a != b))
    return row[-1]


def accuracy(reader: Reader, writings: list[Writing]) -> float:
    """Return 1 minus the edit distance per character, over all words; capitals count as small letters."""
    texts = read(reader, writings)
    pairs = [(text.lower(), writing.text.lower()) for text, writing in zip(texts, writings, strict=True)]
    return 1 - sum(distance(*pair) for pair in pairs) / sum(len(true) for _, true in pairs)


def last_letters(reader: Reader, writings: list[Writing]) -> float:
    """Return the share of words whose last character is read as such: less where ends are clipped."""
    texts = read(reader, writings)
    return sum(
        text[-1:].lower() == writing.text[-1].lower() for text, writing in zip(texts, writings, strict=True)
    ) / len(texts)


def draw(writers: list[Writer], count: int, rng: np.random.Generator) -> list[Writing]:
    """Draw words and made-up notes, varied and ordered by length."""
    words = [word for writer in writers for word in writer.words]
    singles = [writer for writer in writers if len(writer.characters) >= 10]
    chosen = [
        made_up(singles[rng.integers(len(singles))], rng)
        if singles and rng.random() < 0.25
        else words[rng.integers(len(words))]
        for _ in range(count)
    ]
    return sorted((varied(writing, rng) for writing in chosen), key=lambda writing: len(writing.steps))


def train(
    reader: Reader, writers: list[Writer], updates: int, rng: np.random.Generator, rate: float = 2e-3
) -> float:
    """Train on batches of 32 words; return the last mean loss per character."""
    optimiser = torch.optim.Adam(reader.parameters(), lr=rate)
    loss_of = nn.CTCLoss(zero_infinity=True)
    groups: list[list[Writing]] = []
    mean = 0.0
    for update in range(updates):
        if not groups:
            drawn = draw(writers, 32 * 16, rng)
            groups = [drawn[32 * i : 32 * i + 32] for i in rng.permutation(16)]
        group = groups.pop()
        for settings in optimiser.param_groups:
            settings["lr"] = rate * max(0.02, 1 - update / updates)
        reader.train()
        steps, lengths = batch(group)
        codes = [torch.from_numpy(encode(writing.text)[:-1]) for writing in group]
        counts = torch.tensor([len(code) for code in codes])
        loss = loss_of(reader(steps), torch.cat(codes), lengths, counts)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(reader.parameters(), 5.0)
        optimiser.step()
        mean += max(0.02, 1 / (update + 1)) * (float(loss.detach()) - mean)
    return mean


def main() -> None:
    """Train a reader, save it and print how well it reads unseen writers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the stroke pack, an .npz")
    parser.add_argument("--out", type=Path, required=True, help="file for the reader")
    parser.add_argument("--updates", type=int, default=4000)
    wanted = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    reader = Reader()
    loss = train(reader, load(wanted.data, VALIDATION), wanted.updates, np.random.default_rng(1))
    torch.save(reader.state_dict(), wanted.out)
    words = [word for writer in load(wanted.data, TEST) for word in writer.words]
    print(f"loss {loss:.3f}, accuracy on unseen writers {accuracy(reader, words):.3f}")  # noqa: T201


if __name__ == "__main__":
    main()
