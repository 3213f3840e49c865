"""Write the corpus: frames.jsonl from verbs and templates, hand, told and news.jsonl from the hand-written files.

Run: python -m training.relations.generate

Same input, same output, to the byte.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Iterator
from typing import Any

from training import names
from training.relations import actors, english, german
from training.relations.actors import Actor
from training.relations.frames import HERE, LABEL, Frame, load
from training.relations.render import render

PER_VERB = {"train": 15, "dev": 10, "test": 10}
PER_NOUN = 4
PER_TOGETHER = 9
# Templates never seen in training, in addition to the verb families.
TEST_TEMPLATES = {"de": {"allegedly", "relative"}, "en": {"allegedly", "participle"}}
# Files of hand-written sentences, and what their lines are called.
HAND = {"hand": "hand", "reports": "report", "turns": "turn"}
# In these the tone toward every target is labelled, too.
TOLD = {"answers": "answer", "contrasts": "contrast"}
TONE = {"-": "negative", "+": "positive"}
LANGUAGES = {"de": german, "en": english}
MAKE = {"de": actors.german, "en": actors.english}


# Any: one JSON object.
def line(
    text: str, language: str, spans: list[tuple[int, int]], said: list[tuple[int, int, str]], **more: str
) -> dict[str, Any]:
    """Return one corpus line."""
    return {
        "text": text,
        "language": language,
        "targets": [{"start": s, "end": e} for s, e in spans],
        "relations": [{"from": i, "to": j, "label": LABEL[p]} for i, j, p in said],
        **more,
    }


def toned(row: dict[str, Any], tones: dict[int, str]) -> dict[str, Any]:
    """Return the line with a tone at every target."""
    targets = [t | {"tone": tones.get(n, "neutral")} for n, t in enumerate(row["targets"])]
    return row | {"targets": targets}


def draw(template: str, language: str, rng: random.Random) -> tuple[str, list[tuple[int, int]]] | None:
    """Fill a template with three actors of different names."""
    who = [MAKE[language](rng) for _ in range(3)]
    for slot, place in (("{C0}", 2), ("{C}-", 2), ("Firma {B0}", 1)):
        if slot in template:  # a firm and its head
            who[place] = Actor(rng.choice(names.FIRMS), pronoun=("es", "es", "ihm"))
            who[0] = Actor(names.person(rng, full=rng.random() < 0.5))
    if len({w for a in who for w in a.name.split()}) < sum(len(a.name.split()) for a in who):
        return None
    return render(template, who, language)


def verbs(language: str) -> Iterator[dict[str, Any]]:
    """Yield sentences of every verb, in templates that its split may use."""
    frames, templates = load(language), LANGUAGES[language].VERB_TEMPLATES
    for number, frame in enumerate(frames):
        rng = random.Random(f"{language}/{number}/{frame.base}")
        allowed = [t for t in templates if frame.split == "test" or t not in TEST_TEMPLATES[language]]
        made, tries = 0, 0
        while made < PER_VERB[frame.split] and tries < 400:
            tries += 1
            name = allowed[(made + tries) % len(allowed)] if frame.split != "train" else rng.choice(allowed)
            row = verb_line(frame, rng.choice(frames), name, language, rng)
            if row:
                made += 1
                yield row


def verb_line(
    frame: Frame, other: Frame, name: str, language: str, rng: random.Random
) -> dict[str, Any] | None:
    """Return one sentence, or None when verb, template and actors do not fit."""
    filled = LANGUAGES[language].VERB_TEMPLATES[name](frame, other, rng)
    drawn = filled and draw(filled[0], language, rng)
    if not filled or not drawn:
        return None
    return line(*drawn_with(drawn, language, filled[1]), split=frame.split, group=frame.family, template=name)


def drawn_with(
    drawn: tuple[str, list[tuple[int, int]]], language: str, said: list[tuple[int, int, str]]
) -> tuple[str, str, list[tuple[int, int]], list[tuple[int, int, str]]]:
    """Put a drawn sentence in the order of line()."""
    return drawn[0], language, drawn[1], said


def nouns(language: str) -> Iterator[dict[str, Any]]:
    """Yield headlines around a noun: feud, alliance, meeting."""
    module = LANGUAGES[language]
    for polarity, words in module.NOUNS.items():
        for place, noun in enumerate(words.split(",")):
            rng, held = random.Random(f"{language}/{noun}"), place % 5 == 4
            pool = (
                module.NOUN_TEMPLATES
                if held
                else [t for t in module.NOUN_TEMPLATES if t not in module.NOUN_TEST]
            )
            for template in rng.sample(pool, PER_NOUN):
                if "{K}" in template and " " in noun:
                    continue
                drawn = draw(template.replace("{N}", noun).replace("{K}", noun), language, rng)
                said = [] if polarity == "n" else [(0, 1, polarity), (1, 0, polarity)]
                if drawn:
                    yield line(
                        *drawn_with(drawn, language, said),
                        split="test" if held else "train",
                        group=f"noun {noun}",
                        template="noun",
                    )


def together(language: str) -> Iterator[dict[str, Any]]:
    """Yield sentences in which actors stand side by side and nothing is said between them."""
    module = LANGUAGES[language]
    for template in module.TOGETHER:
        rng, made = random.Random(f"{language}/{template}"), 0
        while made < PER_TOGETHER:
            drawn = draw(template, language, rng)
            if drawn:
                made += 1
                split = "test" if template in module.TOGETHER_TEST else "train"
                yield line(*drawn_with(drawn, language, []), split=split, group=template, template="together")


def hand(language: str) -> Iterator[dict[str, Any]]:
    """Read the hand-written sentences; a block of them stays on one side."""
    for name, template in HAND.items():
        for group, digest, lines in blocks(name, template, language):
            split = "test" if digest < 20 else "dev" if digest < 30 else "train"
            for text in lines:
                yield hand_line(text, language, split=split, group=group, template=template)


def told(language: str) -> Iterator[dict[str, Any]]:
    """Read the sentences with tone and relation labels, for training and for choosing; `news` tests them."""
    for name, template in TOLD.items():
        for group, digest, lines in blocks(name, template, language):
            split = "dev" if digest < 12 else "train"
            for text in lines:
                yield told_line(text, language, split=split, group=group, template=template)


def news(language: str) -> Iterator[dict[str, Any]]:
    """Read the sentences of unseen news, by a writer who saw no training sentence: for testing only."""
    for group, _, lines in blocks("news", "news", language):
        for text in lines:
            yield told_line(text, language, split="test", group=group, template="news")


def blocks(name: str, template: str, language: str) -> Iterator[tuple[str, int, list[str]]]:
    """Yield the blocks of a hand-written file: name of the block, a number below 100 drawn by it, lines."""
    for number, block in enumerate(
        (HERE / f"{name}.{language}.txt").read_text(encoding="utf-8").split("\n\n")
    ):
        group = f"{template} {language} {number}"
        digest = int(hashlib.sha256(group.encode()).hexdigest(), 16) % 100
        yield group, digest, [t for t in block.splitlines() if t.strip() and not t.startswith("#")]


def more(language: str) -> Iterator[dict[str, Any]]:
    """Read the sentences written after seeing a model's mistakes: for training only."""
    for text in (HERE / f"more.{language}.txt").read_text(encoding="utf-8").splitlines():
        if text.strip() and not text.startswith("#"):
            yield hand_line(text, language, split="train", group=f"more {language}", template="hand")


def hand_line(marked: str, language: str, **more: str) -> dict[str, Any]:
    """Read `[A] text [B]. | 0>1 h, 1=0 f`."""
    body, _, notes = marked.rpartition("|")
    text, spans = "", []
    for part in re.split(r"(\[[^\]]+\])", body.strip()):
        if part.startswith("["):
            spans.append((len(text), len(text) + len(part) - 2))
        text += part.strip("[]") if part.startswith("[") else part
    return line(text, language, spans, list(notes_of(notes)), **more)


def told_line(marked: str, language: str, **more: str) -> dict[str, Any]:
    """Read `[A] text [B]. | 0>1 h, 1 -`: a target without a mark is spoken of neutrally."""
    body, _, notes = marked.rpartition("|")
    marks = [n.strip() for n in notes.split(",")]
    pairs = ", ".join(m for m in marks if m[-1:] not in TONE)
    tones = {int(m[0]): TONE[m[-1]] for m in marks if m[-1:] in TONE}
    return toned(hand_line(f"{body}|{pairs}", language, **more), tones)


def notes_of(notes: str) -> Iterator[tuple[int, int, str]]:
    """Read `0>1 h, 0=2 f`; = means both ways."""
    for note in filter(None, (n.strip() for n in notes.split(","))):
        i, how, j, polarity = note[0], note[1], note[2], note[-1]
        yield int(i), int(j), polarity
        if how == "=":
            yield int(j), int(i), polarity


def main() -> None:
    """Write the files and count."""
    files = {"frames": (verbs, nouns, together), "hand": (hand, more), "told": (told,), "news": (news,)}
    for name, makers in files.items():
        rows = {r["text"]: r for language in LANGUAGES for make in makers for r in make(language)}
        with (HERE / f"{name}.jsonl").open("w", encoding="utf-8") as out:
            out.writelines(json.dumps(r, ensure_ascii=False) + "\n" for r in rows.values())
        counts = {s: sum(r["split"] == s for r in rows.values()) for s in ("train", "dev", "test")}
        german_rows = sum(r["language"] == "de" for r in rows.values())
        print(f"{name}: {len(rows)} sentences, {german_rows} German, {counts}")


if __name__ == "__main__":
    main()
