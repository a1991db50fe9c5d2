"""Train the reader: ``python -m training.digitizer.train --crops crops --out run``.

Starts again from the newest checkpoint in ``--out``; pages that ``crops`` makes meanwhile are used as they
come. ``log.jsonl`` has one line per report, with the losses on pages of records that it never learns from.
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training.digitizer.crops_data import Batch, Crops
from training.digitizer.loss import losses
from training.digitizer.model import Reader, Shape

CHECKPOINT = "checkpoint.pt"
KINDS = ("place", "mm", "there", "ink")
"""Names of the parts of the loss."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train; the defaults are those of the shipped model."""

    lanes: int = 6
    width: int = 256
    rate: float = 3e-3
    warmup: int = 50
    updates: int = 2500
    seed: int = 1

    def rate_at(self, update: int) -> float:
        """Return the step size: a ramp, then half a cosine down to a hundredth."""
        ramp = min(1.0, (update + 1) / self.warmup)
        share = min(1.0, update / self.updates)
        return self.rate * ramp * (0.01 + 0.99 * 0.5 * (1 + float(np.cos(np.pi * share))))


@dataclass(slots=True)
class Training:
    """A network under training with all that a checkpoint keeps."""

    settings: Settings
    reader: Reader
    average: Reader
    """Running mean of the weights: what is exported."""
    optimiser: torch.optim.AdamW
    update: int = 0
    seconds: float = 0.0


def begin(settings: Settings, shape: Shape, device: str = "cpu") -> Training:
    """Make a network with fresh weights."""
    torch.manual_seed(settings.seed)
    reader = Reader(shape).to(device=device, memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(reader.parameters(), lr=settings.rate, weight_decay=1e-4)
    return Training(settings, reader, copy.deepcopy(reader), optimiser)


def save(training: Training, folder: Path) -> None:
    """Write a checkpoint under another name first, so that there is always a whole one."""
    content = {
        "shape": training.reader.shape.as_dict(),
        "reader": training.reader.state_dict(),
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
    content: dict[str, Any] = torch.load(path, weights_only=True)
    if content["shape"] != training.reader.shape.as_dict():
        raise SystemExit(f"{path} holds a network of other sizes, {content['shape']}: choose another --out")
    training.reader.load_state_dict(content["reader"])
    training.average.load_state_dict(content["average"])
    training.optimiser.load_state_dict(content["optimiser"])
    training.update, training.seconds = content["update"], content["seconds"]
    return True


def one_update(training: Training, batch: Batch) -> list[float]:
    """Learn from one batch and return the parts of the loss."""
    for group in training.optimiser.param_groups:
        group["lr"] = training.settings.rate_at(training.update)
    device = next(training.reader.parameters()).device
    dark, y_px, ink = (part.to(device) for part in batch)
    training.reader.train()
    logits, there, clean = training.reader(dark)
    found = losses(logits, there, clean, y_px, ink)
    training.optimiser.zero_grad(set_to_none=True)
    found.sum().backward()
    torch.nn.utils.clip_grad_norm_(training.reader.parameters(), 2.0)
    training.optimiser.step()
    training.update += 1
    decay = min(0.995, (1 + training.update) / (10 + training.update))
    with torch.no_grad():
        now = training.reader.state_dict()
        for name, mean in training.average.state_dict().items():
            if mean.is_floating_point():
                mean.lerp_(now[name], 1 - decay)
            else:
                mean.copy_(now[name])
    return [float(part.detach()) for part in found]


def evaluate(reader: Reader, batches: list[Batch]) -> list[float]:
    """Return the parts of the loss over pages of records that it has never seen."""
    device = next(reader.parameters()).device
    reader.eval()
    with torch.no_grad():
        rows = []
        for batch in batches:
            dark, y_px, ink = (part.to(device) for part in batch)
            logits, there, clean = reader(dark)
            rows.append([float(part) for part in losses(logits, there, clean, y_px, ink)])
    return [float(value) for value in np.mean(rows, axis=0)]


def main() -> None:
    """Read the command line and train until a limit is reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--crops", type=Path, required=True, help="the folder that crops has filled")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoint and log")
    parser.add_argument("--updates", type=int, default=Settings().updates, help="stop after so many in all")
    parser.add_argument("--lanes", type=int, default=Settings().lanes)
    parser.add_argument("--first", type=int, default=Shape().first, help="channels of the first level")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu", help="or cuda")
    parser.add_argument("--report", type=int, default=50, help="updates between two lines of the log")
    wanted = parser.parse_args()
    torch.set_num_threads(wanted.threads)
    wanted.out.mkdir(parents=True, exist_ok=True)
    settings = Settings(lanes=wanted.lanes, updates=wanted.updates)
    training = begin(settings, Shape(first=wanted.first), wanted.device)
    resume(training, wanted.out)
    run(training, wanted)


def run(training: Training, wanted: argparse.Namespace) -> None:
    """Train, with a line in the log and a checkpoint at every report."""
    settings = training.settings
    crops = Crops(wanted.crops / "train", settings.width, settings.lanes, training.update + 1)
    unseen = Crops(wanted.crops / "validation", settings.width, 8, 0)
    test = [unseen.batch(plain=True) for _ in range(5)]
    since, before, recent = time.monotonic(), time.process_time(), []
    while training.update < settings.updates:
        recent.append(one_update(training, crops.batch()))
        if training.update % wanted.report and training.update < settings.updates:
            continue
        spent, used = time.monotonic() - since, time.process_time() - before
        training.seconds += used
        learned = [float(value) for value in np.mean(recent, axis=0)]
        held = evaluate(training.average, test)
        line: dict[str, Any] = {
            "update": training.update,
            **{kind: round(value, 5) for kind, value in zip(KINDS, learned, strict=True)},
            **{f"held_out_{kind}": round(value, 5) for kind, value in zip(KINDS, held, strict=True)},
            "s_per_update": round(spent / len(recent), 3),
            "cpu_s": round(training.seconds),
            "pages": crops.pages,
            "time": time.strftime("%H:%M:%S"),
        }
        with (wanted.out / "log.jsonl").open("a") as log:
            log.write(json.dumps(line) + "\n")
        save(training, wanted.out)
        since, before, recent = time.monotonic(), time.process_time(), []


if __name__ == "__main__":
    main()
