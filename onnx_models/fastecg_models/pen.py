"""A pen that writes words: runs the ONNX model over many words at once."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fastecg_models._onnx import Session, open_model
from fastecg_models.cards import read_checked
from fastecg_models.errors import ModelError
from fastecg_models.pen_graph import NOISE, STATE, Precision
from fastecg_models.strokes import Strokes

LAYERS: Final = ("h1", "c1", "h2", "c2", "h3", "c3")
SHIPPED: Final = Path(__file__).parent / "handwriting"
STYLES: Final = "styles.npz"
CHUNK: Final = 24  # steps of one call: about two characters
LANES: Final = 32  # words written side by side
LONGEST: Final = 40  # steps a character, at most; the mean is below 12
ROUNDED: Final = 8  # letters are padded to a multiple of this


@dataclass(frozen=True, slots=True)
class Word:
    """A word to write.

    Examples
    --------
    >>> Word("AF?", style="a", seed=1).bias
    0.5
    """

    text: str
    """At least one character of the pen's alphabet, no space."""
    style: str
    """One of the pen's styles."""
    seed: int
    """At least 0: decides what this word looks like, whatever is written beside it."""
    bias: float = 0.5
    """0 writes as freely as people do, 2 very neatly."""


@dataclass(slots=True)
class _Lane:
    """A word under the pen."""

    index: int
    letters: NDArray[np.int64]
    bias: float
    rng: np.random.Generator
    state: dict[str, NDArray[np.float32]]
    steps: list[NDArray[np.float32]] = field(default_factory=list)
    left: int = 0


class Pen:
    """Writes words in the styles of a model.

    Parameters
    ----------
    folder : Path
        Where the model lies, with its card; as a rule the shipped one.
    precision : Precision
        ``fp32``, ``fp16`` or ``int8``.
    provider : str
        ``cpu``, ``cuda`` or ``tensorrt``.
    threads : int
        Threads, at least 1.

    Raises
    ------
    ModelError
        If the model cannot be read or is damaged, or the provider does not come up.
    """

    def __init__(
        self,
        folder: Path = SHIPPED,
        precision: Precision = "int8",
        *,
        provider: str = "cpu",
        threads: int = 1,
    ) -> None:
        content = read_checked(folder, f"pen-{precision}.onnx")
        self._session: Session = open_model(content, provider, threads=threads)
        said = self._session.properties
        self._alphabet = {character: i for i, character in enumerate(json.loads(said["alphabet"])) if i}
        self._unit = float(said["unit"])
        self._longest = int(said.get("longest", LONGEST))
        self._finds_baseline = said.get("origin") == "ink"
        with np.load(io.BytesIO(read_checked(folder, STYLES))) as pack:
            names = [str(name) for name in pack["names"]]
            parts = {part: pack[part].astype(np.float32) for part in ("x", *LAYERS)}
        self._styles = {
            name: {part: values[i] for part, values in parts.items()} for i, name in enumerate(names)
        }
        self._window = (len(self._alphabet) + 1, int(said["components"]))

    @property
    def styles(self) -> tuple[str, ...]:
        """Names of the styles."""
        return tuple(self._styles)

    @property
    def alphabet(self) -> str:
        """All characters the pen can write."""
        return "".join(self._alphabet)

    def write(self, words: Sequence[Word]) -> list[Strokes]:
        """Write words; each looks the same alone and among any others.

        Parameters
        ----------
        words : Sequence[Word]
            Any number.

        Returns
        -------
        list[Strokes]
            One for each word, in order.

        Raises
        ------
        ModelError
            If a text is empty or holds characters outside the alphabet, or a style is unknown.
        """
        waiting = sorted(
            (self._begin(index, word) for index, word in enumerate(words)), key=lambda lane: len(lane.letters)
        )
        done: dict[int, Strokes] = {}
        writing: list[_Lane] = []
        while waiting or writing:
            while waiting and len(writing) < LANES:
                writing.append(waiting.pop())
            self._advance(writing)
            for lane in writing:
                strokes = self._ended(lane)
                if strokes is not None:
                    done[lane.index] = strokes
            writing = [lane for lane in writing if lane.index not in done]
        return [done[index] for index in range(len(words))]

    def _begin(self, index: int, word: Word) -> _Lane:
        if not word.text:
            raise ModelError("there is nothing to write: the text is empty; give at least one character")
        unknown = sorted(set(word.text) - set(self._alphabet))
        if unknown:
            raise ModelError(
                f"the pen cannot write {unknown} of {word.text!r:.40} (allowed: {self.alphabet})"
            )
        if word.style not in self._styles:
            raise ModelError(f"style {word.style!r} is unknown (allowed: {', '.join(self._styles)})")
        letters = np.array([self._alphabet[character] for character in word.text] + [0], dtype=np.int64)
        alphabet, components = self._window
        fresh = {"w": np.zeros(alphabet, np.float32), "places": np.zeros(components, np.float32)}
        limit = self._longest * len(letters)
        rng = np.random.default_rng(word.seed)
        return _Lane(index, letters, word.bias, rng, self._styles[word.style] | fresh, left=limit)

    def _advance(self, lanes: list[_Lane]) -> None:
        """Write the next points of all lanes."""
        rows = lanes if len(lanes) > 1 else lanes * 2  # one row alone is summed up in another order
        longest = max(len(lane.letters) for lane in lanes)
        letters = np.zeros((len(rows), -(-longest // ROUNDED) * ROUNDED), np.int64)
        counts = np.zeros(letters.shape, np.float32)
        for row, lane in enumerate(rows):
            letters[row, : len(lane.letters)] = lane.letters
            counts[row, : len(lane.letters)] = 1
        draws = [_noise(lane.rng) for lane in lanes]
        inputs: dict[str, NDArray[np.generic]] = {
            f"{part}0": np.stack([lane.state[part] for lane in rows]) for part in STATE
        }
        inputs |= {
            "noise": np.stack(draws if len(lanes) > 1 else draws * 2, axis=1),
            "letters": letters,
            "counts": counts,
            "bias": np.array([[lane.bias] for lane in rows], np.float32),
        }
        strokes, *state = self._session.run(["strokes", *(f"{part}_last" for part in STATE)], inputs)
        for row, lane in enumerate(lanes):
            lane.steps.append(strokes[:, row])
            lane.state = {part: values[row] for part, values in zip(STATE, state, strict=True)}
            lane.left -= CHUNK

    def _ended(self, lane: _Lane) -> Strokes | None:
        """Return the word if it is complete or has reached its limit."""
        ends = np.flatnonzero(lane.steps[-1][:, 3])
        if not len(ends) and lane.left > 0:
            return None
        steps = np.concatenate(lane.steps)
        if len(ends):
            steps = steps[: len(steps) - CHUNK + ends[0] + 1]
        xy = np.cumsum(steps[:, :2], axis=0, dtype=np.float64) * self._unit
        up = steps[:, 2] > 0
        up[-1] = True
        if self._finds_baseline:
            xy -= _origin(xy)
        return Strokes(xy.astype(np.float32), up, bool(len(ends)))


def _origin(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the left end of the baseline of a word that was begun anywhere: most letters turn there."""
    y = np.concatenate([[-np.inf], xy[:, 1], [-np.inf]])
    lowest = xy[(y[1:-1] >= y[:-2]) & (y[1:-1] >= y[2:]), 1]
    return np.array([xy[:, 0].min(), np.median(lowest)])


def _noise(rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw the random numbers of one chunk of one word."""
    draw = np.empty((CHUNK, NOISE), np.float32)
    draw[:, :3] = rng.random((CHUNK, 3))
    draw[:, 3:] = rng.standard_normal((CHUNK, 2))
    return draw


def pens_styles(states: Iterable[tuple[str, dict[str, NDArray[np.float32]]]]) -> bytes:
    """Pack the states from which styles start.

    Parameters
    ----------
    states : Iterable
        Names, and for each the last step ``x`` (4,) and ``h1`` to ``c3`` (width,).

    Returns
    -------
    bytes
        An ``.npz``; half precision is enough for a state.

    Examples
    --------
    >>> state = {part: np.zeros(4, np.float32) for part in ("x", *LAYERS)}
    >>> len(pens_styles([("plain", state)])) > 0
    True
    """
    named = list(states)
    packed: dict[str, NDArray[np.generic]] = {"names": np.array([name for name, _ in named])}
    for part in ("x", *LAYERS):
        packed[part] = np.stack([state[part] for _, state in named]).astype(np.float16)
    target = io.BytesIO()
    np.savez_compressed(target, allow_pickle=False, **packed)
    return target.getvalue()
