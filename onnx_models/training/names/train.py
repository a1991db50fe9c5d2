"""Train the reader of names on painted scenes and write it as ONNX: ``python -m training.names.train``."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from fastecg_models.names import CLASSES, SHIPPED, STRIDE
from training.names.scenes import HEIGHT, WIDTH, Painter

NONE = len(CLASSES)


class Block(nn.Module):
    """A convolution with a way around it."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(width, width, 3, padding=dilation, dilation=dilation)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Add what the convolution finds."""
        return x + functional.relu(self.convolution(x))


class Names(nn.Module):
    """Darkness, shape (N, 1, H, W), to scores of the classes and a box, at every fourth pixel."""

    def __init__(self, width: int = 48) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 16, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(16, width, 4, 2, 1),
            nn.ReLU(),
            *(Block(width, dilation) for dilation in (1, 1, 2, 1, 4, 1)),
        )
        self.head = nn.Conv2d(width, NONE + 1 + 4, 1)

    def forward(self, darkness: torch.Tensor) -> torch.Tensor:
        """Return logits of the classes and of none, then distances to left, top, right, bottom / 16 px."""
        return self.head(self.body(darkness))


def batch(painter: Painter, size: int) -> tuple[torch.Tensor, ...]:
    """Return darkness, classes and boxes per cell."""
    rows, columns = HEIGHT // STRIDE, WIDTH // STRIDE
    images = np.empty((size, 1, HEIGHT, WIDTH), np.float32)
    kinds = np.full((size, rows, columns), NONE, np.int64)
    boxes = np.zeros((size, 4, rows, columns), np.float32)
    for k in range(size):
        scene = painter.scene()
        images[k, 0] = scene.darkness
        for kind, x0, y0, x1, y1 in scene.words:
            x, y = (x0 + x1) / 2, (y0 + y1) / 2
            near_x, near_y = max(0.25 * (x1 - x0), 3.0), max(0.3 * (y1 - y0), 3.0)
            for i in range(rows):
                for j in range(
                    max(int((x - near_x) / STRIDE) - 1, 0), min(int((x + near_x) / STRIDE) + 2, columns)
                ):
                    cx, cy = (j + 0.5) * STRIDE, (i + 0.5) * STRIDE
                    if abs(cx - x) <= near_x and abs(cy - y) <= near_y:
                        kinds[k, i, j] = kind
                        boxes[k, :, i, j] = (cx - x0, cy - y0, x1 - cx, y1 - cy)
    return torch.from_numpy(images), torch.from_numpy(kinds), torch.from_numpy(boxes / 16)


def loss_of(out: torch.Tensor, kinds: torch.Tensor, boxes: torch.Tensor) -> torch.Tensor:
    """Focal cross-entropy of the classes and the distance of the boxes."""
    logits = torch.log_softmax(out[:, : NONE + 1], 1)
    right = logits.gather(1, kinds[:, None])[:, 0]
    named = kinds != NONE
    focal = -((1 - right.exp()) ** 2) * right
    count = named.sum().clamp(min=1)
    off = functional.smooth_l1_loss(out[:, NONE + 1 :], boxes, reduction="none", beta=0.1).mean(1)
    return (focal * (1 + 1.0 * named)).sum() / count + (off * named).sum() / count


def save(net: Names, path: Path) -> None:
    """Write the net as ONNX."""
    path.parent.mkdir(parents=True, exist_ok=True)
    net.eval()
    torch.onnx.export(
        net, (torch.zeros(1, 1, HEIGHT, WIDTH),), str(path), input_names=["darkness"], output_names=["found"],
        dynamic_axes={"darkness": {2: "rows", 3: "columns"}, "found": {2: "rows", 3: "columns"}},
        opset_version=13, dynamo=False,
    )  # fmt: skip
    net.train()


def main() -> None:
    """Train and save, now and then and at the end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=25)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=SHIPPED)
    given = parser.parse_args()
    torch.manual_seed(given.seed)
    torch.set_num_threads(1)
    net, painter = Names(), Painter(given.seed)
    weights = given.output.with_suffix(".pt")
    if given.resume:
        net.load_state_dict(torch.load(given.resume))
    optimiser = torch.optim.AdamW(net.parameters(), 3e-3, weight_decay=1e-4)
    begun, step, mean = time.monotonic(), 0, 0.0
    while (spent := (time.monotonic() - begun) / 60 / given.minutes) < 1:
        optimiser.param_groups[0]["lr"] = (
            3e-3 * min(1.0, (step + 1) / 100) * (0.5 + 0.5 * np.cos(np.pi * spent)) + 1e-5
        )
        images, kinds, boxes = batch(painter, given.batch)
        loss = loss_of(net(images), kinds, boxes)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        mean += (loss.item() - mean) * 0.02
        step += 1
        if step % 200 == 0:
            print(  # noqa: T201 - progress
                f"{step} {spent * given.minutes:.1f} min, loss {mean:.4f}", flush=True
            )
            torch.save(net.state_dict(), weights)
            save(net, given.output)
    torch.save(net.state_dict(), weights)
    save(net, given.output)


if __name__ == "__main__":
    main()
