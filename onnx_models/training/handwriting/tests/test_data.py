"""Stroke data on its way to the network."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from training.handwriting.alphabet import CHARACTERS, SIZE, encode
from training.handwriting.data import TRAIN, VALIDATION, Writer, Writing, as_points, as_steps, load, made_up
from training.handwriting.resample import Points, resample
from training.handwriting.streams import START, Streams

pytestmark = pytest.mark.train


def written(text: str, seed: int) -> Writing:
    """Give a word of random steps, six a character, in two strokes."""
    rng = np.random.default_rng(seed)
    xy = np.cumsum(rng.uniform(0.1, 0.4, (6 * len(text), 2)), axis=0).astype(np.float32)
    up = np.zeros(len(xy), np.bool_)
    up[[2, -1]] = True
    return Writing(text, as_steps(xy, up))


def writers() -> list[Writer]:
    ann = Writer("ann", [written("sinus", 1), written("AF", 2), written("rhythm", 3)])
    bob = Writer("bob")
    for seed, character in enumerate("0123456789abcABC"):
        bob.characters[character] = [written(character, 10 + seed)]
    return [ann, bob]


def ink(xy: NDArray[np.float32], up: NDArray[np.bool_]) -> float:
    step = np.hypot(*np.diff(xy, axis=0).T)
    return float(step[~up[:-1]].sum())


def test_resampling_keeps_shape_ends_and_dots() -> None:
    turn = np.linspace(0, 2 * np.pi, 80)
    circle = np.c_[np.cos(turn), np.sin(turn)]
    corner = np.r_[np.c_[np.linspace(0, 2, 12), np.zeros(12)], np.c_[np.full(11, 2), np.linspace(0.2, 2, 11)]]
    xy = np.concatenate([circle, [[5, 5]], corner]).astype(np.float32)
    up = np.zeros(len(xy), np.bool_)
    up[[79, 80, -1]] = True
    found = resample(Points(xy, up, np.array([0, 81, len(xy)])))
    ends = np.flatnonzero(found.pen_up)
    np.testing.assert_allclose(found.xy[ends], xy[up], atol=1e-5)
    assert found.offsets.tolist() == [0, ends[1] + 1, len(found.xy)]
    assert ends[1] == ends[0] + 1  # the dot is one point still
    np.testing.assert_allclose(np.hypot(*found.xy[: ends[0] + 1].T), 1, atol=2e-3)
    assert np.abs(found.xy - [2, 0]).sum(axis=1).min() < 1e-5  # the corner is a point
    assert ink(found.xy, found.pen_up) == pytest.approx(ink(xy, up), rel=0.03)
    assert len(found.xy) < len(xy) / 2


def test_points_are_closer_where_the_line_bends() -> None:
    turn = np.linspace(0, np.pi, 30)
    small, large = (np.c_[r * np.cos(turn), r * np.sin(turn)].astype(np.float32) for r in (0.3, 3))
    up = np.arange(60) % 30 == 29
    found = resample(Points(np.concatenate([small, large]), up, np.array([0, 30, 60])))
    step = np.hypot(*np.diff(found.xy, axis=0).T)
    first = found.offsets[1]
    # Two thirds power law, with the flattening: spacing falls with the third root of curvature.
    expected = ((1 / 0.3 + 0.7) / (1 / 3 + 0.7)) ** (1 / 3)
    assert step[first + 1 :].mean() / step[: first - 1].mean() == pytest.approx(expected, rel=0.1)


def test_steps_and_points_are_inverse() -> None:
    xy = np.random.default_rng(1).normal(size=(9, 2)).astype(np.float32)
    steps = as_steps(xy, np.arange(9) % 3 == 2)
    np.testing.assert_allclose(as_points(steps), xy, atol=1e-5)
    assert steps[:, 3].tolist() == [0] * 8 + [1]


def test_made_up_notes_are_read_from_left_to_right_and_fit() -> None:
    rng = np.random.default_rng(5)
    for _ in range(200):
        for writer in writers():
            if not writer.characters:
                continue
            note = made_up(writer, rng)
            assert 1 <= len(note.text) <= 18
            assert set(note.text) <= set(CHARACTERS)
            assert len(note.steps) == 6 * len(note.text)
            assert note.steps[-1, 2:].tolist() == [1, 1]
            starts = as_points(note.steps)[::6, 0]
            assert (np.diff(starts) > 0).all()


def test_lanes_hold_whole_words_one_after_the_other() -> None:
    streams = Streams(writers(), 3, np.random.default_rng(2))
    parts = [streams.segment(17) for _ in range(40)]
    inputs, targets, letters, lengths, fresh = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("inputs", "targets", "letters", "lengths", "fresh")
    )
    for lane in range(3):
        begins = np.flatnonzero(fresh[:, lane])
        assert begins[0] == 0
        follows = targets[:-1, lane]
        again = (inputs[1:, lane] == follows).all(axis=1)
        starts = (inputs[1:, lane] == START).all(axis=1)
        assert (again | (starts & fresh[1:, lane])).all()
        assert (targets[begins[1:] - 1, lane, 3] == 1).all()  # a word ends where the next begins
        for begin, end in itertools.pairwise(begins):
            assert (letters[begin:end, lane] == letters[begin, lane]).all()
            assert end - begin == 6 * (lengths[begin, lane] - 1)
            assert letters[begin, lane, lengths[begin, lane] - 1 :].max() == 0


def test_every_character_has_its_own_number() -> None:
    assert encode(CHARACTERS).tolist() == [*range(1, SIZE), 0]
    with pytest.raises(ValueError, match="cannot write"):
        encode("a b")


def test_loading_keeps_writers_apart(tmp_path: Path) -> None:
    path = tmp_path / "strokes.npz"
    line = np.c_[np.arange(0, 120, 15), np.zeros(8)].astype(np.int16)
    np.savez(
        path,
        points=np.concatenate([line] * 3),
        pen_up=(np.arange(24) % 8 == 7).astype(np.uint8),
        offsets=np.array([0, 8, 16, 24]),
        label=np.array([b"AF", b"T", b"VT"]),
        writer=np.array([1, 1, 0]),
        kind=np.array([0, 1, 0]),
        split=np.array([TRAIN, TRAIN, VALIDATION]),
        unit=100,
        writer_names=np.array(["ann", "bob"]),
    )
    (bob,) = load(path, TRAIN)
    assert (bob.name, [word.text for word in bob.words], list(bob.characters)) == ("bob", ["AF"], ["T"])
    (ann,) = load(path, VALIDATION)
    assert as_points(ann.words[0].steps)[-1].tolist() == pytest.approx([1.05, 0])
