"""How unlikely a model finds the strokes that were really written."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, log_softmax

SHARPEST = -4.0  # log of the smallest deviation: points are stored to 1/100 x-height
ALIGNED = 0.995  # the largest correlation


def mixture(raw: Tensor) -> tuple[Tensor, ...]:
    """Split raw outputs into log weights, means and log deviations along x and y, and correlations.

    Parameters
    ----------
    raw : Tensor
        Shape (..., 2 + 6 * mixtures).
    """
    weight, mean_x, mean_y, log_x, log_y, rho = raw[..., 2:].chunk(6, -1)
    limits = (log_x.clamp(SHARPEST, 3.0), log_y.clamp(SHARPEST, 3.0))
    return log_softmax(weight, -1), mean_x, mean_y, *limits, torch.tanh(rho) * ALIGNED


def losses(raw: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean negative log likelihood of points and of the two ends, in nats per step.

    Parameters
    ----------
    raw : Tensor
        Shape (steps, lanes, 2 + 6 * mixtures).
    targets : Tensor
        Shape (steps, lanes, 4).

    Notes
    -----
    Graves, equations 26 and 27. The end of a word counts only where a stroke ends.
    """
    weight, mean_x, mean_y, log_x, log_y, rho = mixture(raw)
    x = (targets[..., 0:1] - mean_x) * torch.exp(-log_x)
    y = (targets[..., 1:2] - mean_y) * torch.exp(-log_y)
    rest = 1 - rho * rho
    inside = (x * x + y * y - 2 * rho * x * y) / (-2 * rest)
    log_density = weight + inside - log_x - log_y - 0.5 * torch.log(rest) - math.log(2 * math.pi)
    points = -torch.logsumexp(log_density, -1).mean()
    stroke, word = targets[..., 2], targets[..., 3]
    ends = binary_cross_entropy_with_logits(raw[..., 0], stroke, reduction="none")
    ends = ends + stroke * binary_cross_entropy_with_logits(raw[..., 1], word, reduction="none")
    return points, ends.mean()
