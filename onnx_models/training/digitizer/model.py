"""The reader: a small U-shaped network that looks at a strip and says where the trace is in each column."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from fastecg.digitize.reading import BIN_PX, HALVES
from fastecg.digitize.strips import HEIGHT


@dataclass(frozen=True, slots=True)
class Shape:
    """Channels of the four levels, and blocks of the lowest one."""

    first: int = 32
    second: int = 64
    third: int = 128
    blocks: int = 5

    def as_dict(self) -> dict[str, int]:
        """Return the sizes by name."""
        return asdict(self)


class Block(nn.Module):
    """Depthwise and pointwise convolution with a way around them.

    Source: Chollet, "Xception", arXiv 1610.02357 (separable); He et al., 1512.03385 (residual).
    """

    def __init__(self, channels: int, kernel: tuple[int, int] = (3, 3), dilation: int = 1) -> None:
        super().__init__()
        padding = (kernel[0] // 2, dilation * (kernel[1] // 2))
        self.depth = nn.Conv2d(
            channels, channels, kernel, padding=padding, dilation=(1, dilation), groups=channels, bias=False
        )
        self.point = nn.Conv2d(channels, channels, 1, bias=False)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """Return what goes in with something added, same shape."""
        return functional.relu(x + self.norm(self.point(self.depth(x))))


def _joined(into: int, out: int, kernel: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(into, out, kernel, stride=stride, padding=(kernel - 1) // 2, bias=False),
        nn.BatchNorm2d(out),
        nn.ReLU(),
    )


class Reader(nn.Module):
    """Reads strips.

    The strip is folded first (4 pixels across and 2 along become channels), so that all work is done on
    an eighth of the pixels; the heads unfold what they say. Beside the three channels of darkness it gets
    the distance from the row's baseline, for a strip may show the neighbours' traces too.

    Notes
    -----
    Ronneberger et al., "U-Net", arXiv 1505.04597; Liu et al., "CoordConv", arXiv 1807.03247; Shi et
    al., sub-pixel convolution, arXiv 1609.05158; the clean ink is a residual, as in Zhang et al.,
    "DnCNN", arXiv 1608.03981.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        a, b, c = shape.first, shape.second, shape.third
        self.stem = _joined(3 * 8 + 1, a, 3, 1)
        self.down1 = nn.Sequential(Block(a), Block(a))
        self.to2 = nn.Sequential(nn.Conv2d(a, b, 2, stride=2, bias=False), nn.BatchNorm2d(b), nn.ReLU())
        self.down2 = nn.Sequential(Block(b), Block(b))
        self.to3 = nn.Sequential(nn.Conv2d(b, c, 2, stride=2, bias=False), nn.BatchNorm2d(c), nn.ReLU())
        wide = [Block(c, (5, 5), dilation) for dilation in (1, 2, 4, 2, 1, 1, 1, 1)[: shape.blocks]]
        self.low = nn.Sequential(*wide)
        self.from3 = nn.Conv2d(c, b, 1)
        self.up2 = nn.Sequential(Block(b), Block(b))
        self.from2 = nn.Conv2d(b, a, 1)
        self.up1 = nn.Sequential(Block(a), Block(a), Block(a, (5, 3)))
        self.place = nn.Conv2d(a, (4 // BIN_PX) * 2 * HALVES, 1)
        self.rest = nn.Conv2d(a, 8, 1)
        self.there = nn.Conv1d(a, 2 * HALVES, 5, padding=2)

    def forward(self, dark: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Read strips.

        Parameters
        ----------
        dark : Tensor
            Shape (strips, 3, H, W), darkness; H a multiple of 16, W of 8.

        Returns
        -------
        tuple[Tensor, Tensor, Tensor]
            Logits of the trace's height, (strips, H / 2, 2 W), from top to bottom for each column; logits
            that there is one, (strips, 2 W); and the darkness of the clean ink, (strips, H, W).
        """
        n, _, h, w = dark.shape
        folded = dark.reshape(n, 3, h // 4, 4, w // 2, 2).permute(0, 1, 3, 5, 2, 4)
        folded = folded.reshape(n, 24, h // 4, w // 2)
        x0 = self.stem(torch.cat([folded, _far(folded)], 1))
        x1 = self.down1(x0)
        x2 = self.down2(self.to2(x1))
        x3 = self.low(self.to3(x2))
        y2 = self.up2(functional.relu(x2 + _twice(self.from3(x3))))
        y1 = self.up1(functional.relu(x1 + _twice(self.from2(y2))))
        there = self.there(y1.amax(2)).reshape(n, 2 * HALVES, -1).permute(0, 2, 1).reshape(n, -1)
        rest = _unfold(self.rest(y1), 4, 2)
        return _unfold(self.place(y1), 4 // BIN_PX, 2 * HALVES), there, dark.mean(1) - rest


def _far(folded: Tensor) -> Tensor:
    """Return how far each place is from the middle: -1 to 1 in a strip of the usual height."""
    ones = torch.ones_like(folded[:, :1])
    # No range, for the height is known only when the exported network runs; and no addition, which the
    # export to int8 would cut off at the height that it was calibrated with.
    place = ones.cumsum(2) - 0.5 * ones
    middle = 0.5 * ones.sum(2, keepdim=True)
    return ((place - middle) * (2 / (HEIGHT // 4 - 1))).clamp(-1, 1)


def _twice(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")


def _unfold(x: Tensor, down: int, along: int) -> Tensor:
    """Turn channels into pixels: (N, down * along, H, W) to (N, down H, along W)."""
    n, _, h, w = x.shape
    return x.reshape(n, down, along, h, w).permute(0, 3, 1, 4, 2).reshape(n, down * h, along * w)
