"""The network: its gradient, its training, and the same strokes after the export."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch

from fastecg_models.cards import read_card
from fastecg_models.pen import Pen as ReadyPen
from fastecg_models.pen import Word
from fastecg_models.pen_graph import Precision, build
from training.handwriting.data import Writer, Writing, as_steps
from training.handwriting.export import export, losses_of, newest, primed, properties, weights_of
from training.handwriting.loss import losses, mixture
from training.handwriting.model import Pen, Shape
from training.handwriting.parity import Trial, by_onnx, by_torch
from training.handwriting.streams import LETTERS, Segment
from training.handwriting.train import (
    CHECKPOINT,
    Settings,
    begin,
    evaluate,
    one_update,
    resume,
    save,
    tensors,
)
from training.handwriting.window import window_layer

pytestmark = pytest.mark.train
SMALL = Shape(width=16, components=3, mixtures=4)


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(4)
    torch.set_num_threads(1)


def segment(steps: int, lanes: int, seed: int) -> Segment:
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(steps + 1, lanes, 4)).astype(np.float32)
    points[..., 2:] = points[..., 2:] > 1
    letters = rng.integers(1, 95, (steps, lanes, LETTERS))
    lengths = rng.integers(2, LETTERS, (steps, lanes))
    fresh = rng.random((steps, lanes)) < 0.1
    return Segment(points[:-1], points[1:], letters, lengths, fresh)


def test_the_gradient_written_by_hand_is_the_true_one() -> None:
    steps, lanes, width, alphabet, parts, letters = 4, 3, 5, 6, 2, 4
    kind = torch.float64
    leaves = [
        torch.randn(steps, lanes, 4 * width, dtype=kind),
        torch.randn(alphabet + width, 4 * width, dtype=kind) / 2,
        torch.randn(width, 3 * parts, dtype=kind) / 2,
        torch.randn(3 * parts, dtype=kind),
    ]
    for leaf in leaves:
        leaf.requires_grad_()
    text = (
        torch.randint(0, alphabet, (steps, lanes, letters)),
        (torch.rand(steps, lanes, letters) > 0.2).to(kind),
        (torch.rand(steps, lanes, 1) > 0.3).to(kind),
    )
    sizes = (width, width, alphabet, parts)
    h, c, w, places = (torch.rand(lanes, size, dtype=kind) for size in sizes)

    def run(*given: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        projected, recurrent, look, bias = given
        return window_layer(projected, (recurrent, look, bias), text, (h, c, w, places))[:2]

    assert torch.autograd.gradcheck(run, leaves)


def test_segments_in_a_row_equal_one_long_segment() -> None:
    pen = Pen(SMALL).eval()
    inputs, letters, counts, keep, _ = tensors(segment(30, 3, 1), pen)
    with torch.no_grad():
        whole, last = pen(inputs, letters, counts, keep, pen.start(3))
        state, parts = pen.start(3), []
        for cut in (slice(0, 11), slice(11, 30)):
            raw, state = pen(inputs[cut], letters[cut], counts[cut], keep[cut], state)
            parts.append(raw)
    torch.testing.assert_close(torch.cat(parts), whole)
    for one, other in zip(state, last, strict=True):
        torch.testing.assert_close(one, other)


def test_a_new_word_forgets_the_text_before() -> None:
    pen = Pen(SMALL).eval()
    inputs, letters, counts, keep, _ = tensors(segment(2, 3, 1), pen)
    state = pen.start(3)
    moved = state._replace(window=state.window + 0.5, places=state.places + 2)
    with torch.no_grad():
        for flag, same in ((0.0, True), (1.0, False)):
            keep[:] = 1
            keep[0] = flag
            found = [pen(inputs, letters, counts, keep, start)[0] for start in (state, moved)]
            assert torch.equal(*found) is same


def test_the_loss_is_the_density_of_torch() -> None:
    raw, targets = torch.randn(5, 3, 26), torch.randn(5, 3, 4)
    targets[..., 2:] = (targets[..., 2:] > 0).float()
    targets[..., 3] *= targets[..., 2]
    weight, mean_x, mean_y, log_x, log_y, rho = mixture(raw)
    cross = rho * torch.exp(log_x + log_y)
    rows = (torch.stack([torch.exp(2 * log_x), cross], -1), torch.stack([cross, torch.exp(2 * log_y)], -1))
    normal = torch.distributions.MultivariateNormal(torch.stack([mean_x, mean_y], -1), torch.stack(rows, -2))
    parts = torch.distributions.Categorical(logits=weight)
    expected = -torch.distributions.MixtureSameFamily(parts, normal).log_prob(targets[..., :2]).mean()
    points, ends = losses(raw, targets)
    torch.testing.assert_close(points, expected, rtol=1e-4, atol=1e-4)
    chance = torch.distributions.Bernoulli(logits=raw[..., :2]).log_prob(targets[..., 2:])
    torch.testing.assert_close(ends, -(chance[..., 0] + targets[..., 2] * chance[..., 1]).mean())


def test_training_lowers_the_loss() -> None:
    training = begin(Settings(width=16, warmup=1, rate=1e-2))
    piece = segment(12, 4, 2)
    before = sum(evaluate(training.pen, [piece]))
    for _ in range(30):
        one_update(training, piece, training.pen.start(4))
    assert sum(evaluate(training.pen, [piece])) < before - 0.3


def test_the_step_size_rises_falls_and_ends_at_nothing() -> None:
    settings = Settings(rate=1.0, warmup=10, halving=100, updates=1000, cooling=200)
    rates = [settings.rate_at(update) for update in range(1001)]
    assert np.argmax(rates) == 9
    assert (np.diff(rates[9:]) < 0).all()
    assert rates[300] == pytest.approx(0.5)
    assert rates[1000] == 0


def test_a_run_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    first = begin(Settings(width=16))
    assert not resume(first, tmp_path)
    pieces = [segment(12, 4, seed) for seed in range(4)]
    for piece in pieces[:2]:
        one_update(first, piece, first.pen.start(4))
    save(first, tmp_path)
    second = begin(Settings(width=16, seed=9))
    assert resume(second, tmp_path)
    for training in (first, second):
        for piece in pieces[2:]:
            one_update(training, piece, training.pen.start(4))
    assert second.update == first.update == 4
    for pens in ((first.pen, second.pen), (first.average, second.average)):
        for one, other in zip(*(pen.parameters() for pen in pens), strict=True):
            assert torch.equal(one, other)
    assert [path.name for path in tmp_path.iterdir()] == [CHECKPOINT]
    with pytest.raises(SystemExit, match="other sizes"):
        resume(begin(Settings(width=8)), tmp_path)


def test_a_model_of_random_weights_writes_the_same_in_torch_and_onnx() -> None:
    pen = Pen(SMALL).eval()
    with torch.no_grad():
        for weight in pen.parameters():
            weight.add_(0.2 * torch.randn_like(weight))
    trial = Trial.of(("sinus", "AF", "V2-V4"), 200, 3)
    expected = by_torch(pen, trial)
    found = by_onnx(build(weights_of(pen, 10), "fp32", properties(pen)), trial, SMALL.width)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert expected[..., 2].mean() > 0.01


def test_a_style_is_the_state_after_a_writers_words() -> None:
    rng = np.random.default_rng(8)
    pen = Pen(SMALL).eval()
    ways = rng.normal(size=(3, 9, 2)).astype(np.float32)
    words = [Writing("AF", as_steps(way, np.zeros(9, np.bool_))) for way in ways]
    ann, bob = primed(pen, [words[0], words[2]]), primed(pen, [words[1], words[2]])
    assert ann["x"].tolist() == bob["x"].tolist() == words[2].steps[-1].tolist()
    assert np.abs(ann["h3"] - bob["h3"]).max() > 1e-6


def test_an_exported_checkpoint_writes_words(tmp_path: Path) -> None:
    training = begin(Settings(width=16))
    training.update, training.seconds = 100, 72.0
    save(training, tmp_path)
    lines = [{"update": update, "points": update / 100, "cpu_s": 1} for update in (0, 100, 200)]
    (tmp_path / "log.jsonl").write_text("\n".join(map(json.dumps, lines)))
    steps = as_steps(np.cumsum(np.ones((9, 2), np.float32), axis=0), np.zeros(9, np.bool_))
    writers = {
        name: Writer(name, [Writing(text, steps)]) for name, text in (("ann", "sinus"), ("bob", "ST-T"))
    }
    trained = newest(tmp_path)
    export(trained, writers, tmp_path / "model", losses_of(tmp_path, trained.update))
    figures = read_card(tmp_path / "model").figures
    assert figures == {"points": 1.0, "updates": 100.0, "cpu_hours": 0.02}
    for precision in get_args(Precision):
        pen = ReadyPen(tmp_path / "model", precision)
        assert pen.styles == ("ann", "bob")
        (strokes,) = pen.write([Word("~AF!", "bob", 1)])
        assert np.isfinite(strokes.xy).all()
