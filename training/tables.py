"""The tables of docs/accuracy.md."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from processors.judge import Judge
from training import calibrate, measures
from training.answers import Answers, Reader, flips, pooled, swapped
from training.lexicon import lexicon
from training.measures import Labels, majority
from training.names import is_name
from training.rows import Row, own_tones, relation_set, tone_set, tone_train

TITLES = {
    "newsmtsc-rw": "NewsMTSC rw (en)", "newsmtsc-mt": "NewsMTSC mt (en)", "mad-en": "MAD-TSC (en)",
    "mad-de": "MAD-TSC (de)", "gerntsa": "GerNTSA (de), labels never trained on",
}  # fmt: skip
PARTS = {
    "news": "unseen news, another writer's",
    "hand": "unseen hand-written blocks",
    "frames": "unseen verb families and templates",
}
POOLS = {
    "en": ("newsmtsc-rw", "newsmtsc-mt", "mad-en"),
    "de": ("mad-de",),
}
RESAMPLES = 500


def tone(reader: Reader, data: Path) -> list[str]:
    """Return the table of the tone sets."""
    guess = measures.name_only(tone_train(data))
    lines = [
        "| set | n | macro-F1 (95 %) | neg / neu / pos | accuracy | name only | word list | majority | flips |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for title, some in tone_sets(data):
        found = reader.tones(some)
        by_name, by_list, most = baselines(some, guess)
        named = [r for r in some if is_name(r.mention(0))]
        flipped = flips(reader.tones(named), [reader.tones(swapped(named, k)) for k in (0, 1)])
        lines.append(row_of(title, found, f"{by_name:.1f} | {by_list:.1f} | {most:.1f} | {flipped:.1f} %"))
    return lines


def tone_sets(data: Path) -> Iterator[tuple[str, list[Row]]]:
    """Yield the public development sets and the own news, with their titles."""
    for name, title in TITLES.items():
        yield title, tone_set(data, name)
    for language in POOLS:
        some = [r for r in own_tones("test", "news") if r.language == language]
        yield f"{PARTS['news']} ({language})", some


def baselines(some: Sequence[Row], guess: Callable[[Sequence[Row]], Labels]) -> tuple[float, float, float]:
    """Return the macro-F1 of the name alone, of a word list, of the commonest class."""
    gold = np.array([r.tone for r in some])
    listed = lexicon(some[0].language)
    by_list = np.array([listed(r) for r in some])
    return measures.macro_f1(gold, guess(some)), measures.macro_f1(gold, by_list), majority(gold.tolist())


def row_of(title: str, found: Answers, rest: str) -> str:
    """Return one table row."""
    s = found.score()
    each = " / ".join(f"{f:.0f}" for f in measures.class_f1(np.array(found.gold), np.array(found.said)))
    return f"| {title} | {s.rows} | **{s.f1:.1f}** ({s.low:.1f}–{s.high:.1f}) | {each} | {s.accuracy:.1f} | {rest} |"


def relation(reader: Reader) -> list[str]:
    """Return the table of the held-out relation sentences."""
    lines = [
        "| held-out part | ordered pairs | macro-F1 (95 %) | host / neu / frie | accuracy | majority | flips |",
        "|---|---|---|---|---|---|---|",
    ]
    for source, about in PARTS.items():
        for language in ("en", "de"):
            data = [r for r in relation_set("test", source) if r.language == language]
            found = reader.relations(data)
            flipped = flips(found, [reader.relations(swapped(data, k)) for k in (0, 1)])
            rest = f"{majority(found.gold):.1f} | {flipped:.1f} %"
            lines.append(row_of(f"{about} ({language})", found, rest))
    return lines


def pools(reader: Reader, data: Path) -> dict[str, Answers]:
    """Return all answers of a head, by language and together."""
    out = {
        f"tone, {language}": pooled(reader.tones(tone_set(data, name)) for name in names)
        for language, names in POOLS.items()
    }
    for language in POOLS:
        some = [r for r in relation_set("test") if r.language == language]
        out[f"relation, {language}"] = reader.relations(some)
    return out | {
        f"{head}, both": pooled(out[f"{head}, {k}"] for k in POOLS) for head in ("tone", "relation")
    }


def calibration(judge: Judge, sets: dict[str, Answers]) -> list[str]:
    """Return calibration error with its interval, and what the threshold accepts."""
    lines = [
        "| head, language | n | calibration error (95 %) | by chance alone | coverage at threshold | accuracy of these |",
        "|---|---|---|---|---|---|",
    ]
    for name, found in sets.items():
        least = judge.tone_threshold if name.startswith("tone") else judge.relation_threshold
        accepted = found.confidence >= least
        error, low, high = error_of(found)
        lines.append(
            f"| {name} | {len(found.gold)} | {error:.3f} ({low:.3f}–{high:.3f}) | {error_by_chance(found):.3f} | {100 * accepted.mean():.0f} % at {least:.2f} "
            f"| {100 * found.right[accepted].mean():.1f} % |"
        )
    return lines


def error_of(found: Answers) -> tuple[float, float, float]:
    """Return the expected calibration error and its bootstrap bounds (which lie high: chance adds to every bin)."""
    p, gold, rng = np.array(found.shares), np.array(found.gold), np.random.default_rng(1)
    draws = [rng.integers(0, len(gold), len(gold)) for _ in range(RESAMPLES)]
    errors = [calibrate.calibration_error(p[d], gold[d].tolist()) for d in draws]
    low, high = np.percentile(errors, [2.5, 97.5])
    return calibrate.calibration_error(p, gold.tolist()), float(low), float(high)


def error_by_chance(found: Answers) -> float:
    """Return the mean calibration error that perfectly calibrated answers of these confidences would show."""
    p, rng = np.array(found.shares), np.random.default_rng(2)
    draws = [(rng.random((len(p), 1)) > p.cumsum(1)[:, :2]).sum(1).tolist() for _ in range(RESAMPLES)]
    return float(np.mean([calibrate.calibration_error(p, gold) for gold in draws]))


def parallel(reader: Reader, data: Path) -> str:
    """Return how far the two languages' scores lie apart on the same sentences."""
    en, de = (
        np.array([s[2] - s[0] for s in reader.tones(tone_set(data, n)).shares]) for n in ("mad-en", "mad-de")
    )
    rng = np.random.default_rng(1)
    draws = [(de - en)[rng.integers(0, len(en), len(en))].mean() for _ in range(RESAMPLES)]
    low, high = np.percentile(draws, [2.5, 97.5])
    return (
        f"The same {len(en)} MAD-TSC sentences in both languages: mean tone {en.mean():+.3f} in English and "
        f"{de.mean():+.3f} in German, a difference of {(de - en).mean():+.3f} ({low:+.3f} to {high:+.3f}); the two scores "
        f"of a sentence correlate with {np.corrcoef(en, de)[0, 1]:.2f}."
    )
