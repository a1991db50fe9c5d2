"""Three LSTM layers, a soft window over the text and a mixture of Gaussians for the next point."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from training.handwriting.alphabet import SIZE
from training.handwriting.window import window_layer


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of a model; Graves has a width of 400."""

    width: int = 400
    components: int = 10
    mixtures: int = 20
    alphabet: int = SIZE

    def as_dict(self) -> dict[str, int]:
        """Return the sizes by name."""
        return asdict(self)


class State(NamedTuple):
    """What the pen remembers between two steps; the first index counts lanes."""

    h1: Tensor
    c1: Tensor
    h2: Tensor
    c2: Tensor
    h3: Tensor
    c3: Tensor
    window: Tensor
    places: Tensor


class Pen(nn.Module):
    """Foretells the next point of a pen from the points before and the text to write.

    Parameters
    ----------
    shape : Shape
        The sizes.

    Notes
    -----
    A. Graves, "Generating sequences with recurrent neural networks", arXiv 1308.0850, section 5. Two
    things differ: there is an end of word beside the end of stroke, so that the last letter is
    finished, and the window goes back to the start with each word while the layers keep their state,
    so that a writer's hand carries over from word to word.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        width, seen = shape.width, 4 + shape.alphabet
        self.input = nn.Linear(4, 4 * width)
        self.recurrent = nn.Parameter(torch.empty(shape.alphabet + width, 4 * width))
        self.look = nn.Parameter(torch.empty(width, 3 * shape.components))
        self.look_bias = nn.Parameter(torch.zeros(3 * shape.components))
        self.second = nn.LSTM(seen + width, width)
        self.third = nn.LSTM(seen + width, width)
        self.output = nn.Linear(3 * width, 2 + 6 * shape.mixtures)
        self._initialise()

    def _initialise(self) -> None:
        width = self.shape.width
        for weight in (self.recurrent, self.input.weight):
            nn.init.uniform_(weight, -(width**-0.5), width**-0.5)
        nn.init.normal_(self.look, std=0.02)
        parts = self.shape.components
        with torch.no_grad():
            self.input.bias.zero_()
            self.input.bias[width : 2 * width] = 1  # remember at first
            for layer in (self.second, self.third):
                layer.bias_ih_l0[width : 2 * width] = 1
            self.look_bias[:parts] = -1.0
            self.look_bias[parts : 2 * parts] = 0.0
            self.look_bias[2 * parts :] = torch.linspace(-0.15, 0.15, parts)
            self.output.weight.mul_(0.3)
            self.output.bias[2:] += 0.1 * torch.randn(6 * self.shape.mixtures)
            self.output.bias[2 + 3 * self.shape.mixtures :] -= 0.5

    def start(self, lanes: int) -> State:
        """Return the state of pens that have written nothing."""
        width = self.shape.width
        sizes = [width] * 6 + [self.shape.alphabet, self.shape.components]
        return State._make(torch.zeros(lanes, size, device=self.look.device) for size in sizes)

    def forward(
        self, inputs: Tensor, letters: Tensor, counts: Tensor, keep: Tensor, state: State
    ) -> tuple[Tensor, State]:
        """Foretell all steps of a segment.

        Parameters
        ----------
        inputs : Tensor
            Shape (steps, lanes, 4): the step before each.
        letters : Tensor
            Shape (steps, lanes, letters) int64.
        counts : Tensor
            The same shape, 1 for letters that count.
        keep : Tensor
            Shape (steps, lanes, 1): 0 where a word begins.
        state : State
            From the segment before.

        Returns
        -------
        tuple[Tensor, State]
            Raw outputs (steps, lanes, 2 + 6 * mixtures): logits of end of stroke and end of word,
            then mixture weights, two means, two log deviations and correlations; and the last state.
        """
        weights = (self.recurrent, self.look, self.look_bias)
        h1, window, (h, c, w, places) = window_layer(
            self.input(inputs),
            weights,
            (letters, counts, keep),
            (state.h1, state.c1, state.window, state.places),
        )
        h2, (h2_last, c2_last) = self.second(
            torch.cat([inputs, h1, window], 2), (state.h2[None], state.c2[None])
        )
        h3, (h3_last, c3_last) = self.third(
            torch.cat([inputs, h2, window], 2), (state.h3[None], state.c3[None])
        )
        h2_last, c2_last, h3_last, c3_last = (
            part[0].detach() for part in (h2_last, c2_last, h3_last, c3_last)
        )
        last = State(h, c, h2_last, c2_last, h3_last, c3_last, w, places)
        return self.output(torch.cat([h1, h2, h3], 2)), last
