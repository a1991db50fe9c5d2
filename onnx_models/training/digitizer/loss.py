"""What the reader is taught: the place of the trace, whether there is one, and its clean ink."""

from __future__ import annotations

from typing import Final, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from fastecg.digitize.reading import BIN_PX
from fastecg.digitize.strips import Y_PX_MM

SPREAD_BINS: Final = 0.8
"""Standard deviation of the place that is taught, in bins."""

REACH: Final = 16
"""Bins around the truth that the mean place is taken over."""


class Losses(NamedTuple):
    """Parts of the loss, each a mean."""

    place: Tensor
    """Cross-entropy of the trace's bin with a narrow Gaussian."""
    mm: Tensor
    """Distance of the mean place near the truth from the truth: robust in mm, and squared as the SNR is."""
    there: Tensor
    ink: Tensor

    def sum(self) -> Tensor:
        """Return the loss that is descended."""
        return self.place + 2 * self.mm + 0.5 * self.there + 10 * self.ink


def losses(logits: Tensor, there: Tensor, clean: Tensor, y_px: Tensor, ink: Tensor) -> Losses:
    """Return how wrong a network's answers are.

    Parameters
    ----------
    logits, there, clean : Tensor
        What the network says.
    y_px : Tensor
        Shape (strips, columns): the truth in pixels, NaN where there is no trace.
    ink : Tensor
        Shape (strips, H, W): coverage, 0 to 1.
    """
    seen = ~torch.isnan(y_px)
    bins = torch.where(seen, y_px, torch.zeros_like(y_px)) / BIN_PX - 0.5
    centres = torch.arange(logits.shape[1], dtype=logits.dtype, device=logits.device).view(1, -1, 1)
    far = centres - bins[:, None]
    target = torch.exp(-0.5 * (far / SPREAD_BINS) ** 2)
    target = target / target.sum(1, keepdim=True).clamp_min(1e-6)
    log_p = functional.log_softmax(logits, 1)
    place = -(target * log_p).sum(1)
    near = torch.where(far.abs() <= REACH, logits, torch.full_like(logits, -1e4))
    mean = (functional.softmax(near, 1) * far).sum(1) * (BIN_PX / Y_PX_MM)
    mm = functional.smooth_l1_loss(mean, torch.zeros_like(mean), beta=0.1, reduction="none") + 2 * mean**2
    count = seen.sum().clamp_min(1)
    return Losses(
        (place * seen).sum() / count,
        (mm * seen).sum() / count,
        functional.binary_cross_entropy_with_logits(there, seen.to(there.dtype)),
        functional.mse_loss(clean, ink),
    )
