"""The first layer: an LSTM that looks at the text through a soft window, with its own gradient.

The window of a step depends on the step before, so this loop cannot be a library LSTM. Writing the
backward pass by hand keeps it to one matrix product per step each way, and the gradients of all
weights become single products over all steps.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

REACH = 1 / 12  # letters a window moves per step at first: about twelve points draw a character
LIMIT = 8.0  # exponents of the window stay below this


def window_layer(
    projected: Tensor,
    weights: tuple[Tensor, Tensor, Tensor],
    text: tuple[Tensor, Tensor, Tensor],
    state: tuple[Tensor, Tensor, Tensor, Tensor],
) -> tuple[Tensor, Tensor, tuple[Tensor, Tensor, Tensor, Tensor]]:
    """Run an LSTM layer with a soft window over all steps.

    Parameters
    ----------
    projected : Tensor
        Shape (steps, lanes, 4 * width): the input times its weights, with the bias.
    weights : tuple of Tensor
        Recurrent weights of window and output, (alphabet + width, 4 * width); window weights
        (width, 3 * components); window bias (3 * components,).
    text : tuple of Tensor
        Letters (steps, lanes, letters) int64; which of them count, of the same shape, float; and
        (steps, lanes, 1) float that is 0 where a word begins.
    state : tuple of Tensor
        Output and cell (lanes, width), window (lanes, alphabet), places (lanes, components).

    Returns
    -------
    tuple
        Outputs (steps, lanes, width), windows (steps, lanes, alphabet) and the last state, detached.

    Notes
    -----
    A. Graves, arXiv 1308.0850, equations 46-51.
    """
    result = _WindowLayer.apply(projected, *weights, *text, *state)
    output, windows, cell, places = result
    return output, windows, (output[-1].detach(), cell, windows[-1].detach(), places)


class _WindowLayer(torch.autograd.Function):
    @staticmethod
    def forward(  # noqa: PLR0913, PLR0917 - autograd passes tensors one by one
        ctx: Any,  # noqa: ANN401 - torch gives no type for it
        projected: Tensor,
        recurrent: Tensor,
        look: Tensor,
        look_bias: Tensor,
        letters: Tensor,
        counts: Tensor,
        keep: Tensor,
        h: Tensor,
        c: Tensor,
        w: Tensor,
        kappa: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        steps, lanes, width4 = projected.shape
        width, alphabet = width4 // 4, w.shape[1]
        components = look.shape[1] // 3
        gates = projected.clone()
        cells = projected.new_empty(steps + 1, lanes, width)
        before = projected.new_empty(steps + 1, lanes, alphabet + width)
        aims = projected.new_empty(steps, lanes, 3 * components)
        places = projected.new_empty(steps, lanes, components)
        cells[0] = c
        windows = projected.new_zeros(steps, lanes, alphabet)
        before[0, :, alphabet:] = h
        where = torch.arange(letters.shape[2], dtype=projected.dtype, device=projected.device)
        for t in range(steps):
            torch.mul(w, keep[t], out=before[t, :, :alphabet])
            z = gates[t]
            z.addmm_(before[t], recurrent)
            z[:, 2 * width : 3 * width] *= 2  # tanh(x) = 2 sigmoid(2x) - 1: one call for all gates
            z.sigmoid_()
            z[:, 2 * width : 3 * width].mul_(2).sub_(1)
            i, f, g, o = z.chunk(4, 1)
            torch.addcmul(i * g, f, cells[t], out=cells[t + 1])
            h = before[t + 1, :, alphabet:]
            torch.mul(o, _tanh(cells[t + 1]), out=h)
            aim = torch.addmm(look_bias, h, look, out=aims[t]).clamp_(max=LIMIT).exp_()
            a, b, k = aim.chunk(3, 1)
            kappa = torch.add(kappa * keep[t], k, alpha=REACH, out=places[t])
            _, bump = _bumps(b, kappa, where)
            phi = (a.unsqueeze(2) * bump).sum(1) * counts[t]
            w = windows[t].scatter_add_(1, letters[t], phi)
        ctx.save_for_backward(
            recurrent, look, letters, counts, keep, gates, cells, before, aims, places, where
        )
        output, last, place = before[1:, :, alphabet:].clone(), cells[-1].clone(), kappa.clone()
        ctx.mark_non_differentiable(last, place)
        return output, windows, last, place

    @staticmethod
    def backward(
        ctx: Any,  # noqa: ANN401
        d_output: Tensor,
        d_windows: Tensor,
        *_: Tensor,
    ) -> tuple[Tensor | None, ...]:
        recurrent, look, letters, counts, keep, gates, cells, before, aims, places, where = ctx.saved_tensors
        steps, lanes, width4 = gates.shape
        width, components = width4 // 4, places.shape[2]
        alphabet = before.shape[2] - width
        back, look_back = recurrent.t().contiguous(), look.t().contiguous()
        d_gates, d_aims = torch.empty_like(gates), torch.empty_like(aims)
        d_before = gates.new_zeros(lanes, alphabet + width)
        d_kappa = gates.new_zeros(lanes, components)
        d_cell = gates.new_zeros(lanes, width)
        for t in reversed(range(steps)):
            d_phi = torch.gather(d_windows[t] + d_before[:, :alphabet], 1, letters[t]) * counts[t]
            a, b, k = aims[t].chunk(3, 1)
            distance, bump = _bumps(b, places[t], where)
            bump *= d_phi.unsqueeze(1)
            d_aims[t, :, :components] = bump.sum(2) * a
            bump *= distance
            d_kappa = d_kappa - 2 * a * b * bump.sum(2)
            bump *= distance
            d_aims[t, :, components : 2 * components] = bump.sum(2) * -(a * b)
            d_aims[t, :, 2 * components :] = d_kappa * k * REACH
            d_kappa = d_kappa * keep[t]
            d_h = d_output[t] + d_before[:, alphabet:]
            d_h.addmm_(d_aims[t], look_back)
            i, f, g, o = gates[t].chunk(4, 1)
            squashed = _tanh(cells[t + 1])
            d_z = d_gates[t]
            d_z[:, 3 * width :] = d_h * squashed * o * (1 - o)
            d_cell = d_cell + d_h * o * (1 - squashed * squashed)
            d_z[:, :width] = d_cell * g * i * (1 - i)
            d_z[:, width : 2 * width] = d_cell * cells[t] * f * (1 - f)
            d_z[:, 2 * width : 3 * width] = d_cell * i * (1 - g * g)
            d_cell = d_cell * f
            d_before = d_z @ back
            d_before[:, :alphabet] *= keep[t]
        flat = d_gates.view(-1, width4)
        d_recurrent = before[:-1].reshape(-1, alphabet + width).t() @ flat
        d_flat = d_aims.view(-1, 3 * components)
        d_look = before[1:, :, alphabet:].reshape(-1, width).t() @ d_flat
        return (d_gates, d_recurrent, d_look, d_flat.sum(0), *([None] * 7))


def _bumps(sharpness: Tensor, places: Tensor, where: Tensor) -> tuple[Tensor, Tensor]:
    """Return the distances of letters from the components, and the components' heights there."""
    distance = places.unsqueeze(2) - where
    return distance, torch.exp(distance.square() * -sharpness.unsqueeze(2))


def _tanh(x: Tensor) -> Tensor:
    """Return tanh by the sigmoid, which is seven times as fast on some processors."""
    return torch.sigmoid(2 * x).mul_(2).sub_(1)
