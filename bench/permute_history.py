"""False alarms of the rule on a history of one's own, its days shuffled: prints alarms a month.

    python bench/permute_history.py READINGS.jsonl [--rules config/rules.toml] [--runs 20]

Reads the lines of `riftwatch backtest --readings`. The days on which a subject was spoken of change places,
each with all it said: what news days do to all publishers stays, any shift that lasts is gone, and every alarm
that is left is a false one. Run it before a desk turns on rules of its own.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from pathlib import Path

import msgspec

from commands.history import BadLine, ReadingLine, lines, reading_of
from processors.contributions import Voice, contribution_of, voice_of
from processors.episodes import Fold
from processors.panel import Panel
from processors.rules import Rules
from processors.windows import DAY_S
from riftwatch.publishers import Publishers

MONTH_S = 30.4 * DAY_S


def voices_of(file: Path) -> dict[str, list[Voice]]:
    """Return the voices of each subject of a file, bad lines left out."""
    publishers = Publishers.load(Path("config/publishers.toml"))
    subjects: dict[str, list[Voice]] = defaultdict(list)
    with file.open("rb") as raw:
        for line in lines(raw, ReadingLine):
            reading = line if isinstance(line, BadLine) else reading_of(line, publishers, None)
            if not isinstance(reading, BadLine):
                subjects[reading.subject].append(voice_of(contribution_of(reading)))
    return subjects


def shuffled(voices: list[Voice], rng: random.Random) -> list[Voice]:
    """Return the voices with their days in another order."""
    days = sorted({voice.at // DAY_S for voice in voices})
    others = rng.sample(days, len(days))
    place = dict(zip(days, others, strict=True))
    moved = [
        Voice(place[voice.at // DAY_S] * DAY_S + voice.at % DAY_S, voice.unit, voice.micro, voice.row)
        for voice in voices
    ]
    return sorted(moved, key=lambda voice: (voice.at, voice.row.story_id))


def alarms(voices: list[Voice], rules: Rules) -> int:
    """Return the number of episodes that a history opens."""
    panel = Panel(rules)
    panel.extend(sorted(voices, key=lambda voice: (voice.at, voice.row.story_id)))
    fold = Fold(panel, rules)
    fold.run(max(voice.at for voice in voices) // 3600 * 3600 + 3600)
    return len(fold.episodes)


def main() -> None:
    """Print the alarms as they were, and the false ones a month in shuffled histories."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--rules", type=Path, default=Path("config/rules.toml"))
    parser.add_argument("--thresholds", type=float, nargs="*", default=[2.6, 2.8, 3.0, 3.5])
    parser.add_argument("--runs", type=int, default=20)
    options = parser.parse_args()
    subjects = voices_of(options.file)
    span = [voice.at for voices in subjects.values() for voice in voices]
    months = (max(span) - min(span)) / MONTH_S
    for threshold in options.thresholds:
        rules = msgspec.structs.replace(Rules.load(options.rules), threshold=threshold)
        real = sum(alarms(voices, rules) for voices in subjects.values())
        false = 0
        for run in range(options.runs):
            for name in sorted(subjects):
                false += alarms(shuffled(subjects[name], random.Random(f"{run} {name}")), rules)
        rate = false / options.runs / months
        print(f"threshold {threshold}: {real} alarms in {months:.0f} months; shuffled: {rate:.2f} a month")


if __name__ == "__main__":
    main()
