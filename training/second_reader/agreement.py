"""How far the shipped models agree with a second reader, who labelled the blind sheet without seeing any answer.

    python -m training.second_reader.agreement [--model fast|accurate]

Prints, by language and question, the share of equal answers and Cohen's kappa, then every answer that differs. An
answer below the model's threshold is `unknown`: it is counted apart, as the product shows nothing for it.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from processors.judge import Judge
from processors.passages import relations_in, tones_in
from riftwatch.settings import Settings
from training.second_reader.sheet import DAY, HERE, Question, questions

LABELS = HERE / "labels.tsv"
UNKNOWN = "unknown"
Answers = Mapping[tuple[str, str], str]  # (sentence id, question) -> label


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of two who answered the same questions."""

    rows: int
    share: float  # equal answers, of 1
    kappa: float  # the same above chance, of 1


def agreement(pairs: Sequence[tuple[str, str]]) -> Agreement:
    """Return the share of equal answers and Cohen's kappa (Cohen 1960) of pairs of labels."""
    rows = len(pairs)
    share = sum(one == other for one, other in pairs) / rows
    ones, others = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    chance = sum(ones[label] * others[label] for label in ones) / rows**2
    return Agreement(rows, share, (share - chance) / (1 - chance) if chance < 1 else 1.0)


def labels() -> Answers:
    """Return what the second reader wrote."""
    rows = [line.split("\t") for line in LABELS.read_text(encoding="utf-8").splitlines()]
    return {(sentence_id, asked): label for sentence_id, asked, label in rows}


def answers(judge: Judge, asked: Sequence[Question]) -> Answers:
    """Return what a model says of each question, by the product's own reading of the sentence."""
    said: dict[tuple[str, str], str] = {}
    for question in asked:
        passage = question.passage
        read = [(passage, judge.read(passage.sentence.text, passage.spans, question.language, passage.pairs))]
        kind, _, who = question.asked.partition(" ")
        a, _, b = who.partition(">")
        if kind == "tone":
            [tone] = tones_in(read, a, DAY)
            said[_key(question)] = tone.readings[0].label(judge.tone_threshold)
        else:
            [relation] = relations_in(read, a, b, DAY)
            said[_key(question)] = relation.readings[0].label(judge.relation_threshold)
    return said


def report(said: Answers, read: Answers, asked: Sequence[Question]) -> Iterator[str]:
    """Yield the lines of the report."""
    yield "| question | language | equal answers | model silent |"
    yield "|---|---|---|---|"
    for kind in ("tone", "relation"):
        for language in ("de", "en"):
            keys = [_key(q) for q in asked if q.asked.startswith(kind) and q.language == language]
            spoken = [key for key in keys if said[key] != UNKNOWN]
            cell = _cell([(said[key], read[key]) for key in spoken])
            yield f"| {kind} | {language} | {cell} | {len(keys) - len(spoken)} of {len(keys)} |"
    yield ""
    for question in asked:
        model, reader = said[_key(question)], read[_key(question)]
        if model not in {reader, UNKNOWN}:
            yield f"- {question.asked}: model {model}, reader {reader}: “{question.text}”"


def _key(question: Question) -> tuple[str, str]:
    return question.sentence_id, question.asked


def _cell(pairs: Sequence[tuple[str, str]]) -> str:
    if not pairs:
        return "–"
    found = agreement(pairs)
    return f"{100 * found.share:.0f} % (κ {found.kappa:.2f}, n {found.rows})"


def main() -> None:
    """Print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="accurate", choices=("fast", "accurate"))
    model = parser.parse_args().model
    asked = list(questions())
    said = answers(Judge.load(Path(Settings().models), model), asked)
    for line in report(said, labels(), asked):
        print(line)


if __name__ == "__main__":
    main()
