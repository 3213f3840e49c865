"""Keep the few loud channels of the states out of int8.

In this encoder one or two of a layer's channels are ten times as large as the rest. Int8 has one scale for all
channels of a sentence, so the rest would lose its digits. The product with the loud channels is made in fp32: four
columns of 384 or 1536, at no measurable cost. After LLM.int8 (Dettmers et al. 2022), with channels fixed beforehand.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

# Enough for the loudest layer seen; the fifth channel of every layer is as quiet as the fiftieth.
LOUD = 4
NAME = "loud"


class Split(nn.Module):
    """A linear layer in two parts: the loud channels by themselves."""

    def __init__(self, whole: nn.Linear, peaks: Tensor) -> None:
        super().__init__()
        chosen = peaks.topk(LOUD).indices
        self.register_buffer("chosen", chosen)
        self.register_buffer("quiet", torch.ones_like(peaks).index_fill(0, chosen, 0.0))
        self.rest = whole
        self.loud = nn.Linear(LOUD, whole.out_features, bias=False)
        self.loud.weight.data = whole.weight.data[:, chosen].clone()
        self.rest.weight.data = whole.weight.data * self.quiet

    def forward(self, x: Tensor) -> Tensor:
        """Return what the whole layer returned."""
        out: Tensor = self.rest(x * self.quiet) + self.loud(x[..., self.chosen])
        return out


class Peaks:
    """Notes the largest size of each channel that reaches a layer."""

    def __init__(self, layer: nn.Linear) -> None:
        self.seen = torch.zeros(layer.in_features)
        self._hook = layer.register_forward_pre_hook(self._note)

    def _note(self, _: nn.Module, given: tuple[Tensor, ...]) -> None:
        self.seen = torch.maximum(self.seen, given[0].detach().abs().flatten(0, -2).amax(0))

    def close(self) -> Tensor:
        """Stop watching; return the peaks."""
        self._hook.remove()
        return self.seen


def split(encoder: nn.Module, layers: Sequence[nn.Module], samples: Sequence[Sequence[int]]) -> None:
    """Split the linear layers of an encoder in place, by what they see on some tokenised sentences."""
    places = [place for layer in layers for place in _places(layer)]
    watched = [Peaks(getattr(owner, name)) for owner, name in places]
    with torch.no_grad():
        for ids in samples:
            encoder(torch.tensor([ids]), torch.ones(1, len(ids)))
    for (owner, name), peaks in zip(places, watched, strict=True):
        setattr(owner, name, Split(getattr(owner, name), peaks.close()))


def _places(layer: nn.Module) -> list[tuple[nn.Module, str]]:
    own = layer.attention.self
    return [
        (own, "query"),
        (own, "key"),
        (own, "value"),
        (layer.intermediate, "dense"),
        (layer.output, "dense"),
    ]
