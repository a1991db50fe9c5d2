"""Train a pen: ``python -m training.handwriting.train --data strokes.npz --out run --width 200``.

Starts again from the newest checkpoint in ``--out``. ``log.jsonl`` there has one line per report,
``held_out.txt`` the writers the pen never sees.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from training.handwriting.data import TEST, TRAIN, VALIDATION, load
from training.handwriting.loss import losses
from training.handwriting.model import Pen, Shape, State
from training.handwriting.streams import LETTERS, Segment, Streams

CHECKPOINT = "checkpoint.pt"


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train; the defaults are those of the shipped model."""

    width: int = 200
    lanes: int = 32
    steps: int = 96
    rate: float = 2e-3
    warmup: int = 200
    halving: int = 2500
    seed: int = 1
    updates: int = 12_000
    cooling: int = 1_500

    def rate_at(self, update: int) -> float:
        """Return the step size of Adam: a ramp, then a slow fall, to 0 in the last updates."""
        ramps = min(1.0, (update + 1) / self.warmup), min(1.0, (self.updates - update) / self.cooling)
        return self.rate * min(ramps) * (1 + update / self.halving) ** -0.5


@dataclass(slots=True)
class Training:
    """A model under training with all that a checkpoint keeps."""

    settings: Settings
    pen: Pen
    average: Pen
    """Running mean of the weights: less noisy, as if the step size had fallen already."""
    optimiser: torch.optim.Adam
    update: int = 0
    seconds: float = 0.0


def begin(settings: Settings, device: str = "cpu") -> Training:
    """Make a model with fresh weights."""
    torch.manual_seed(settings.seed)
    pen = Pen(Shape(width=settings.width)).to(device)
    optimiser = torch.optim.Adam(pen.parameters(), lr=settings.rate, betas=(0.9, 0.99))
    return Training(settings, pen, copy.deepcopy(pen), optimiser)


def save(training: Training, folder: Path) -> None:
    """Write a checkpoint under another name first, so that there is always a whole one."""
    content = {
        "shape": training.pen.shape.as_dict(),
        "pen": training.pen.state_dict(),
        "average": training.average.state_dict(),
        "optimiser": training.optimiser.state_dict(),
        "update": training.update,
        "seconds": training.seconds,
    }
    partial = folder / f"{CHECKPOINT}.part"
    torch.save(content, partial)
    partial.replace(folder / CHECKPOINT)


def resume(training: Training, folder: Path) -> bool:
    """Load the newest checkpoint, if there is one."""
    path = folder / CHECKPOINT
    if not path.exists():
        return False
    content: dict[str, Any] = torch.load(path, weights_only=True, map_location=training.pen.look.device)
    if content["shape"] != training.pen.shape.as_dict():
        raise SystemExit(f"{path} holds a model of other sizes, {content['shape']}: choose another --out")
    training.pen.load_state_dict(content["pen"])
    training.average.load_state_dict(content["average"])
    training.optimiser.load_state_dict(content["optimiser"])
    training.update, training.seconds = content["update"], content["seconds"]
    return True


def tensors(segment: Segment, pen: Pen) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Return inputs, letters, counts and keeps for the model, and the targets, where the model is."""
    counts = np.arange(LETTERS) < segment.lengths[..., None]
    arrays = (
        segment.inputs,
        segment.letters,
        counts.astype(np.float32),
        1 - segment.fresh[..., None].astype(np.float32),
        segment.targets,
    )
    inputs, letters, numbers, keep, targets = (
        torch.from_numpy(array).to(pen.look.device) for array in arrays
    )
    return inputs, letters, numbers, keep, targets


def one_update(training: Training, segment: Segment, state: State) -> tuple[float, float, State]:
    """Learn from one segment and return both losses and the state to go on with."""
    for group in training.optimiser.param_groups:
        group["lr"] = training.settings.rate_at(training.update)
    inputs, letters, counts, keep, targets = tensors(segment, training.pen)
    raw, state = training.pen(inputs, letters, counts, keep, state)
    points, ends = losses(raw, targets)
    training.optimiser.zero_grad(set_to_none=True)
    (points + ends).backward()
    torch.nn.utils.clip_grad_norm_(training.pen.parameters(), 1.0)
    training.optimiser.step()
    training.update += 1
    decay = min(0.999, (1 + training.update) / (10 + training.update))
    with torch.no_grad():
        for mean, weight in zip(training.average.parameters(), training.pen.parameters(), strict=True):
            mean.lerp_(weight, 1 - decay)
    return float(points.detach()), float(ends.detach()), state


def evaluate(pen: Pen, segments: list[Segment]) -> tuple[float, float]:
    """Return both losses over segments of writers the model has never seen."""
    state = pen.start(segments[0].inputs.shape[1])
    sums = np.zeros(2)
    with torch.no_grad():
        for segment in segments:
            inputs, letters, counts, keep, targets = tensors(segment, pen)
            raw, state = pen(inputs, letters, counts, keep, state)
            sums += [float(loss) for loss in losses(raw, targets)]
    points, ends = sums / len(segments)
    return float(points), float(ends)


def main() -> None:
    """Read the command line and train until a limit is reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the stroke pack, an .npz")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoint and log")
    parser.add_argument("--width", type=int, default=Settings().width, help="units a layer; Graves has 400")
    parser.add_argument("--lanes", type=int, default=Settings().lanes)
    parser.add_argument("--updates", type=int, default=Settings().updates, help="stop after so many in all")
    parser.add_argument("--minutes", type=float, default=1e9, help="stop after so many of this run")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu", help="or cuda")
    parser.add_argument("--report", type=int, default=100, help="updates between two lines of the log")
    wanted = parser.parse_args()
    torch.set_num_threads(wanted.threads)
    wanted.out.mkdir(parents=True, exist_ok=True)
    settings = Settings(width=wanted.width, lanes=wanted.lanes, updates=wanted.updates)
    training = begin(settings, wanted.device)
    resume(training, wanted.out)
    run(training, wanted)


def run(training: Training, wanted: argparse.Namespace) -> None:
    """Train, with a line in the log and a checkpoint at every report."""
    settings = training.settings
    rng = np.random.default_rng([settings.seed, training.update])
    streams = Streams(load(wanted.data, TRAIN), settings.lanes, rng)
    held_out = load(wanted.data, VALIDATION)
    names = sorted(writer.name for writer in held_out + load(wanted.data, TEST))
    (wanted.out / "held_out.txt").write_text("\n".join(names) + "\n")
    unseen = Streams(held_out, settings.lanes, np.random.default_rng(0))
    test = [unseen.segment(settings.steps) for _ in range(4)]
    state = training.pen.start(settings.lanes)
    deadline = time.monotonic() + 60 * wanted.minutes
    since, before, recent = time.monotonic(), time.process_time(), []
    while training.update < settings.updates and time.monotonic() < deadline:
        points, ends, state = one_update(training, streams.segment(settings.steps), state)
        recent.append((points, ends))
        if training.update % wanted.report and training.update < settings.updates:
            continue
        spent, used = time.monotonic() - since, time.process_time() - before
        training.seconds += used
        held = evaluate(training.average, test)
        line = {
            "update": training.update,
            "points": round(float(np.mean([r[0] for r in recent])), 4),
            "ends": round(float(np.mean([r[1] for r in recent])), 4),
            "held_out_points": round(held[0], 4),
            "held_out_ends": round(held[1], 4),
            "updates_per_s": round(len(recent) / spent, 3),
            "cpu_s_per_update": round(used / len(recent), 4),
            "cpu_s": round(training.seconds),
            "words": streams.words,
            "time": time.strftime("%H:%M:%S"),
        }
        with (wanted.out / "log.jsonl").open("a") as log:
            log.write(json.dumps(line) + os.linesep)
        save(training, wanted.out)
        since, before, recent = time.monotonic(), time.process_time(), []


if __name__ == "__main__":
    main()
