"""Encoder -> ONNX with int8 weights, written out layer by layer so that it traces cleanly."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from pathlib import Path

import onnx
import torch
import torch.nn.functional as F
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn
from transformers import BertModel

from training import loud

# The largest difference between traced and original states that is rounding.
MAX_GAP = 2e-4


class PlainEncoder(nn.Module):
    """The encoder's forward pass: ids [B, L], mask [B, L] -> states [B, L, H]."""

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        e = encoder.embeddings
        self.word, self.position, self.norm = e.word_embeddings, e.position_embeddings, e.LayerNorm
        self.kind = nn.Parameter(e.token_type_embeddings.weight[0].detach().clone())
        self.layers, self.heads = encoder.encoder.layer, encoder.config.num_attention_heads

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return the last layer's states."""
        x: Tensor = self.norm(self.word(ids) + self.position(torch.arange(ids.shape[1]))[None] + self.kind)
        bias = ((1.0 - mask) * -1e4)[:, None, None, :]
        for layer in self.layers:
            x = self._layer(layer, x, bias)
        return x

    def _layer(self, layer: nn.Module, x: Tensor, bias: Tensor) -> Tensor:
        size, length, width = x.shape
        attend, after = layer.attention.self, layer.attention.output

        def split(projection: nn.Module) -> Tensor:
            out: Tensor = projection(x).reshape(size, length, self.heads, width // self.heads).transpose(1, 2)
            return out

        weights = (
            split(attend.query) @ split(attend.key).transpose(-1, -2) / math.sqrt(width // self.heads) + bias
        )
        mixed = (
            (torch.softmax(weights, -1) @ split(attend.value)).transpose(1, 2).reshape(size, length, width)
        )
        x = after.LayerNorm(x + after.dense(mixed))
        out: Tensor = layer.output.LayerNorm(x + layer.output.dense(F.gelu(layer.intermediate.dense(x))))
        return out


def export(encoder: BertModel, path: Path, samples: Sequence[Sequence[int]]) -> None:
    """Write the int8 encoder; raises ValueError when the traced pass is not the original one.

    Tokenised sentences as samples show which channels are loud (docs/decisions/017).
    """
    plain = PlainEncoder(copy.deepcopy(encoder)).eval()
    loud.split(plain, plain.layers, samples)
    ids, mask = torch.randint(5, 1000, (2, 24)), torch.ones(2, 24)
    with torch.no_grad():
        wanted = encoder.eval()(input_ids=ids, attention_mask=mask).last_hidden_state
        gap = (plain(ids, mask) - wanted).abs().max().item()
    if gap > MAX_GAP:
        raise ValueError(f"the traced encoder differs by {gap}")
    axes, full = {0: "B", 1: "L"}, path.with_suffix(".fp32")
    torch.onnx.export(
        plain, (ids, mask), str(full), input_names=["ids", "mask"], output_names=["states"],
        dynamic_axes={"ids": axes, "mask": axes, "states": axes}, opset_version=17, dynamo=False,
    )  # fmt: skip
    # Per-channel scales; embeddings (Gather) cost nothing in accuracy and are most of the size.
    kinds = ["MatMul", "Gather"]
    exact = [node.name for node in onnx.load(full).graph.node if f"/{loud.NAME}/" in node.name]
    quantize_dynamic(
        str(full), str(path), weight_type=QuantType.QInt8, per_channel=True, op_types_to_quantize=kinds,
        nodes_to_exclude=exact,
    )  # fmt: skip
    full.unlink()
