"""The network in torch: one pass of the encoder a sentence, mean-pooled spans, two small heads.

Tone: [span; sentence] -> 3 classes. Relation of an ordered pair: [a; b; a*b; sentence] -> 3 classes, so the
same head reads both directions and a mutual feud is two hostile readings.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertModel, MPNetModel

from processors.tokens import WINDOW_TOKENS, Window, windows
from training import rows
from training.rows import Row

PAD = 1


class Network(nn.Module):
    """Encoder and heads."""

    def __init__(self, encoder: BertModel | MPNetModel) -> None:
        super().__init__()
        h = encoder.config.hidden_size
        self.encoder = encoder
        self.drop = nn.Dropout(0.1)
        self.tone1, self.tone2 = nn.Linear(2 * h, h), nn.Linear(h, 3)
        self.relation1, self.relation2 = nn.Linear(4 * h, h), nn.Linear(h, 3)

    def shared(self) -> list[nn.Module]:
        """Return what all layers share beside the embeddings."""
        return []

    def tone(self, spans: Tensor, whole: Tensor) -> Tensor:
        """Return tone logits for each span [n, 3]."""
        return self._head(self.tone1, self.tone2, torch.cat([spans, whole], -1))

    def relation(self, a: Tensor, b: Tensor, whole: Tensor) -> Tensor:
        """Return relation logits, a toward b [n, 3]."""
        return self._head(self.relation1, self.relation2, torch.cat([a, b, a * b, whole], -1))

    def _head(self, first: nn.Linear, last: nn.Linear, x: Tensor) -> Tensor:
        out: Tensor = last(self.drop(F.gelu(first(self.drop(x)))))
        return out

    def embed(self, ids: Tensor) -> Tensor:
        """Return the input states of the first layer."""
        out: Tensor = self.encoder.embeddings(input_ids=ids)
        return out

    def run(self, states: Tensor, mask: Tensor, layers: slice) -> Tensor:
        """Run some of the encoder's layers."""
        bias = ((1 - mask) * -1e4)[:, None, None, :]
        for layer in self.encoder.encoder.layer[layers]:
            out = layer(states, bias)
            states = out[0] if isinstance(out, tuple) else out
        return states


def load_encoder(folder: Path, layers: Sequence[int] | None = None) -> BertModel:
    """Return the base encoder, or only some of its layers."""
    encoder = BertModel.from_pretrained(folder, add_pooling_layer=False)
    if layers is not None:
        encoder.encoder.layer = nn.ModuleList([encoder.encoder.layer[i] for i in layers])
        encoder.config.num_hidden_layers = len(layers)
    return encoder


def load_tokenizer(folder: Path) -> Tokenizer:
    """Return the tokenizer, without padding or truncation."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


@dataclass(frozen=True, slots=True)
class Example:
    """A tokenised row."""

    row: Row
    marked: Window
    key: tuple[int, int]  # row number, name variant: names its cached states


def example(tokenizer: Tokenizer, row: Row, key: tuple[int, int]) -> Example:
    """Tokenise a row; a long sentence is cropped around its spans."""
    found = windows(tokenizer, row.text, row.spans)
    return Example(
        row, found[0] if found else Window(tokenizer.encode(row.text).ids[:WINDOW_TOKENS], {}), key
    )


# What one step reads together: a row by itself, or a row and its twin.
Unit = tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded token ids and the flat lists of what is asked about them."""

    ids: Tensor
    mask: Tensor
    spans: Tensor  # [n spans, L], rows sum to 1
    span_of: list[int]  # sentence of each span
    tone_at: list[int]  # spans whose tone is known
    tone: Tensor
    tone_wanted: Tensor  # [n, 3]: the distribution to learn, from label, teacher or both
    pairs: list[tuple[int, int]]  # span numbers
    relation: Tensor
    relation_wanted: Tensor


def batch(examples: Sequence[Example]) -> Batch:
    """Pad the examples; lengths are rounded up to 8 (few shapes)."""
    length = -(-max(len(x.marked.ids) for x in examples) // 8) * 8
    ids, mask = torch.full((len(examples), length), PAD), torch.zeros(len(examples), length)
    spans, span_of, tone_at, tone, pairs, relation = [], [], [], [], [], []
    tone_wanted, relation_wanted = [], []
    for n, x in enumerate(examples):
        ids[n, : len(x.marked.ids)] = torch.tensor(x.marked.ids)
        mask[n, : len(x.marked.ids)] = 1
        first = len(spans)
        for i in range(len(x.row.spans)):
            start, end = x.marked.spans.get(i, (0, 1))
            weights = torch.zeros(length)
            weights[start:end] = 1 / (end - start)
            spans.append(weights)
            span_of.append(n)
        for i, label, taught in rows.tones(x.row):
            tone_at.append(first + i)
            tone.append(label)
            tone_wanted.append(rows.wanted(label, taught))
        for (i, j), label in x.row.relations.items():
            pairs.append((first + i, first + j))
            relation.append(label)
            relation_wanted.append(rows.wanted(label, x.row.pairs_taught.get((i, j))))
    return Batch(
        ids,
        mask,
        torch.stack(spans),
        span_of,
        tone_at,
        torch.tensor(tone),
        torch.tensor(tone_wanted),
        pairs,
        torch.tensor(relation),
        torch.tensor(relation_wanted),
    )


def twins(b: Batch, spans: Iterable[int]) -> tuple[list[int], list[int]]:
    """Return which answers are of first twins and which of second ones, side by side, by a span of each answer."""
    sides = [[n for n, i in enumerate(spans) if b.span_of[i] % 2 == side] for side in (0, 1)]
    return sides[0], sides[1]


def pooled(b: Batch, states: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean state of each span, and of the sentence around it."""
    sentence = (states * b.mask[..., None]).sum(1) / b.mask.sum(1, keepdim=True)
    return torch.einsum("sl,slh->sh", b.spans, states[b.span_of]), sentence[b.span_of]


def heads(net: Network, b: Batch, states: Tensor) -> tuple[Tensor | None, Tensor | None]:
    """Return tone and relation logits of the batch, each None if nothing is asked."""
    span, whole = pooled(b, states)
    tone = net.tone(span[b.tone_at], whole[b.tone_at]) if b.tone_at else None
    return tone, related(net, b, span, whole) if b.pairs else None


def related(net: Network, b: Batch, span: Tensor, whole: Tensor) -> Tensor:
    """Return the relation logits of the asked pairs."""
    i, j = [p[0] for p in b.pairs], [p[1] for p in b.pairs]
    return net.relation(span[i], span[j], whole[i])


def batches(units: Sequence[Unit], size: int, rng: random.Random) -> Iterator[list[Example]]:
    """Yield shuffled batches of similar length, tone and relation rows apart; units stay together, in order."""
    out = []
    for kind in (True, False):
        rows = [unit for unit in units if (unit[0].row.tone >= 0) == kind]
        rng.shuffle(rows)
        for i in range(0, len(rows), size * 40):
            chunk = sorted(rows[i : i + size * 40], key=lambda unit: len(unit[0].marked.ids))
            out += [chunk[j : j + size] for j in range(0, len(chunk), size)]
    rng.shuffle(out)
    yield from ([x for unit in chunk for x in unit] for chunk in out)
