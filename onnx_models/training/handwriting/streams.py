"""Endless lanes of words by one writer after another, cut into segments of equal length."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.handwriting.alphabet import encode
from training.handwriting.data import Writer, Writing, made_up

LETTERS = 19  # the longest label and its end
MADE_UP = 0.35  # of a writer's words, where there are single characters too
CAPITALS = 0.15  # of them words without small letters, where there are some
START = np.array([0, 0, 0, 1], np.float32)  # the step before a writer's first word


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece of all lanes; the state of the network goes on from segment to segment.

    A lane holds no padding. Where ``fresh`` is set a word begins: the window goes back to its start.
    """

    inputs: NDArray[np.float32]
    """Shape (steps, lanes, 4): the step before."""
    targets: NDArray[np.float32]
    """Shape (steps, lanes, 4): the step to foretell."""
    letters: NDArray[np.int64]
    """Shape (steps, lanes, LETTERS): the word's characters, zeros behind its end."""
    lengths: NDArray[np.int64]
    """Shape (steps, lanes): how many of them count."""
    fresh: NDArray[np.bool_]
    """Shape (steps, lanes): the target is the first point of a word."""


class Streams:
    """Draws words for a number of lanes without end.

    Parameters
    ----------
    writers : list[Writer]
        Whose words to draw.
    lanes : int
        How many sequences run side by side.
    rng : np.random.Generator
        Decides which.
    """

    def __init__(self, writers: list[Writer], lanes: int, rng: np.random.Generator) -> None:
        self._writers = writers
        weights = np.array([writer.weight for writer in writers])
        self._chances = weights / weights.sum()
        self._lanes = lanes
        self._rng = rng
        self._pending: list[list[tuple[NDArray[np.float32], ...]]] = [[] for _ in range(lanes)]
        self.words = 0

    def segment(self, steps: int) -> Segment:
        """Take the next steps of every lane.

        Parameters
        ----------
        steps : int
            How many, at least 1.
        """
        lanes = [self._take(lane, steps) for lane in range(self._lanes)]
        inputs, targets, letters, about = (np.stack(parts, axis=1) for parts in zip(*lanes, strict=True))
        return Segment(
            inputs, targets, letters.astype(np.int64), about[..., 0].astype(np.int64), about[..., 1] > 0
        )

    def _take(self, lane: int, steps: int) -> list[NDArray[np.float32]]:
        pending = self._pending[lane]
        have = sum(len(word[0]) for word in pending)
        while have < steps:
            for word in self._run():
                pending.append(word)
                have += len(word[0])
        joined = [np.concatenate(parts) for parts in zip(*pending, strict=True)]
        self._pending[lane] = [tuple(part[steps:] for part in joined)] if have > steps else []
        return [part[:steps] for part in joined]

    def _run(self) -> Iterator[tuple[NDArray[np.float32], ...]]:
        writer = self._writers[self._rng.choice(len(self._writers), p=self._chances)]
        before = START
        for _ in range(self._rng.integers(8, 25)):
            writing = self._draw(writer)
            letters = np.zeros((len(writing.steps), LETTERS), np.float32)
            code = encode(writing.text)
            letters[:, : len(code)] = code
            about = np.zeros((len(writing.steps), 2), np.float32)
            about[:, 0] = len(code)
            about[0, 1] = 1
            inputs = np.concatenate([before[None], writing.steps[:-1]])
            before = writing.steps[-1]
            self.words += 1
            yield inputs, writing.steps, letters, about

    def _draw(self, writer: Writer) -> Writing:
        """Draw a word or something made up of characters.

        What notes on an ECG are full of comes up more often than in plain text: capitals and numbers.
        """
        chance = self._rng.random()
        if not writer.words or (chance < MADE_UP and len(writer.characters) >= 10):
            return made_up(writer, self._rng)
        short = writer.capitals if chance > 1 - CAPITALS else []
        words = short or writer.words
        return words[self._rng.integers(len(words))]
