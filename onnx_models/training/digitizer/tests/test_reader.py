"""The reader: its answers, its training, and the same answers after the export."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from fastecg_models.cards import read_card
from fastecg_models.traces import TraceReader
from training.digitizer.crops_data import vary
from training.digitizer.dncnn import DnCNN
from training.digitizer.dncnn import export as export_dncnn
from training.digitizer.dncnn import one_update as dncnn_update
from training.digitizer.export import export, losses_of, newest, to_onnx
from training.digitizer.loss import losses
from training.digitizer.model import Reader, Shape
from training.digitizer.train import CHECKPOINT, Settings, begin, evaluate, one_update, resume, save

pytestmark = pytest.mark.train
SMALL = Shape(first=8, second=8, third=8, blocks=1)


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(4)
    torch.set_num_threads(1)


def lines(count: int, width: int, seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Dark lines at some height, at the right end of some nothing."""
    rng = np.random.default_rng(seed)
    y = rng.integers(100, 250, count)
    ink = np.zeros((count, 352, width), np.float32)
    heights = np.full((count, 2 * width), np.nan, np.float32)
    for k in range(count):
        ink[k, y[k] - 1 : y[k] + 2, : width - 16] = 1
        heights[k, : 2 * (width - 16)] = y[k] + 0.5
    dark = np.repeat(ink[:, None], 3, 1) * 0.8 + rng.normal(0, 0.03, (count, 3, 352, width))
    parts = (dark.astype(np.float32), heights, ink)
    return tuple(torch.from_numpy(part) for part in parts)


def test_channels_unfold_to_the_pixels_they_were_folded_from() -> None:
    reader = Reader(SMALL).eval()
    reader.rest.weight.data.zero_()
    reader.rest.bias.data = torch.arange(8.0)
    dark = torch.zeros(1, 3, 352, 16)
    place, there, clean = reader(dark)
    assert place.shape == (1, 176, 32)
    assert there.shape == (1, 32)
    expected = torch.arange(8.0).reshape(4, 2)
    assert torch.equal(clean[0, :4, :2], -expected)
    assert torch.equal(clean[0, 4:8, 2:4], -expected)


def test_the_loss_is_least_at_the_truth() -> None:
    y = torch.full((1, 6), 101.0)
    y[0, 4:] = torch.nan
    bins = torch.arange(176.0).view(1, -1, 1) + 0.5

    def at(height: float) -> float:
        logits = (-0.5 * ((bins - height / 2) / 0.8) ** 2).expand(1, 176, 6)
        there = torch.tensor([[9.0] * 4 + [-9.0] * 2])
        return float(losses(logits, there, torch.zeros(1, 352, 3), y, torch.zeros(1, 352, 3)).sum())

    entropy = 0.5 + np.log(0.8 * np.sqrt(2 * np.pi))
    assert at(101.0) == pytest.approx(entropy, abs=0.02)
    assert at(101.0) < min(at(100.0), at(102.0))


def test_without_a_trace_the_loss_is_finite() -> None:
    y = torch.full((2, 8), torch.nan)
    found = losses(
        torch.randn(2, 176, 8), torch.randn(2, 8), torch.zeros(2, 352, 4), y, torch.zeros(2, 352, 4)
    )
    assert bool(torch.isfinite(found.sum()))


def test_training_lowers_the_loss() -> None:
    training = begin(Settings(warmup=1, rate=1e-2), SMALL)
    batch = lines(2, 48, 1)
    first = sum(one_update(training, batch)[:3])
    last = [sum(one_update(training, batch)[:3]) for _ in range(25)][-1]
    assert last < 0.7 * first


def test_the_step_size_rises_and_falls() -> None:
    settings = Settings(rate=1.0, warmup=10, updates=1000)
    rates = [settings.rate_at(update) for update in range(1001)]
    assert np.argmax(rates) == 9
    assert rates[500] == pytest.approx(0.505, abs=0.01)
    assert rates[1000] == pytest.approx(0.01)


def test_a_run_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    first = begin(Settings(), SMALL)
    assert not resume(first, tmp_path)
    one_update(first, lines(1, 32, 1))
    save(first, tmp_path)
    second = begin(Settings(seed=9), SMALL)
    assert resume(second, tmp_path)
    for training in (first, second):
        one_update(training, lines(1, 32, 2))
    assert first.update == second.update == 2
    for one, other in zip(first.reader.parameters(), second.reader.parameters(), strict=True):
        assert torch.equal(one, other)
    assert [path.name for path in tmp_path.iterdir()] == [CHECKPOINT]
    with pytest.raises(SystemExit, match="other sizes"):
        resume(begin(Settings(), Shape(first=8)), tmp_path)


def test_the_export_says_the_same_in_all_precisions(tmp_path: Path) -> None:
    crops = tmp_path / "crops" / "train"
    crops.mkdir(parents=True)
    dark, heights, ink = lines(3, 256, 7)
    strips = ((1 - dark.numpy().clip(0, 1)) * 250).astype(np.uint8).transpose(0, 2, 3, 1)
    np.savez(crops / "0.npz", strip=strips, ink=(ink.numpy() * 255).astype(np.uint8), y_px=heights.numpy())
    training = begin(Settings(warmup=1, rate=1e-2), SMALL)
    for _ in range(10):
        one_update(training, (dark[:, :, :, 192:], heights[:, 384:], ink[:, :, 192:]))
    save(training, tmp_path)
    (tmp_path / "log.jsonl").write_text(json.dumps({"update": 10, "held_out_mm": 0.5, "mm": 1}) + "\n")
    trained = newest(tmp_path)
    figures = losses_of(tmp_path, 10)
    assert figures == {"held_out_mm": 0.5}
    export(trained, tmp_path / "crops", tmp_path / "model", figures)
    assert read_card(tmp_path / "model").figures["updates"] == 10
    looked = dark[:1, :, :, :88]
    with torch.no_grad():
        expected = [part[0].numpy() for part in trained.reader(looked)]
    for precision, tolerance in (("fp32", 1e-4), ("fp16", 0.03), ("int8", 0.5)):
        answer = TraceReader(tmp_path / "model", precision).read(looked[0].numpy())  # type: ignore[arg-type]
        for found, wanted in zip(answer, expected, strict=True):
            assert np.abs(found - wanted).max() <= tolerance * max(1.0, np.abs(wanted).max())
    assert evaluate(trained.reader, [lines(1, 32, 1)])[0] > 0
    assert to_onnx(trained.reader) == (tmp_path / "model" / "traces-fp32.onnx").read_bytes()


def test_colours_vary_and_shapes_stay() -> None:
    strip = np.full((352, 40, 3), (240, 200, 190), np.uint8)
    strip[100] = 20
    rng = np.random.default_rng(0)
    seen = [vary(strip, rng) for _ in range(30)]
    assert len({image.tobytes() for image in seen}) > 15
    assert all(int(image[:, 5].sum(1).argmin()) == 100 for image in seen)


def test_dncnn_learns_and_is_exported(tmp_path: Path) -> None:
    network = DnCNN(layers=4, channels=8)
    assert sum(part.numel() for part in DnCNN().parameters()) == pytest.approx(556_000, rel=0.01)
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-2)
    found = [dncnn_update(network, optimiser, lines(1, 32, 1)) for _ in range(10)]
    assert found[-1] < found[0]
    export_dncnn(network, tmp_path / "dncnn.onnx")
    assert (tmp_path / "dncnn.onnx").stat().st_size > 1000
