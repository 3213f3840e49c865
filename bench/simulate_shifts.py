"""False alarms and delays of the rule on simulated histories: prints the tables of docs/shifts.md.

    python bench/simulate_shifts.py [--rules config/rules.toml] [--months 12] [--runs 8] [--windows]

A history without a change has what makes news hard: volumes that burst (gamma-Poisson with a memory of a day),
news days that move all publishers at once and carry over to the next (AR(1), heavy tails), houses with a slant
of their own, and scores with a peak at zero, as a judge of three classes gives them. None of it is Gaussian,
and none of it is a shift: every alarm in it is a false one.
"""

from __future__ import annotations

import argparse
import random
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from processors.contributions import MICRO, Contribution, Voice
from processors.episode import Episode
from processors.episodes import Fold
from processors.panel import Panel
from processors.rules import Rules
from processors.windows import DAY_S

START = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp())
WARM_UP_DAYS = 45
MONTH_DAYS = 30.4
# Stories a day of a watchlist of 15 subjects: five actors' tones, ten pairs.
WATCHLIST = (40.0, 8.0, 5.0, 2.0, 1.5, 3.0, 2.0, 1.5, 1.0, 0.7, 0.5, 0.4, 0.3, 0.2, 0.1)
TONES, PAIRS = WATCHLIST[:5], WATCHLIST[5:]
SPREAD = 0.35  # "1 sigma" of an injected shift: the spread between publishers on one day


@dataclass(frozen=True, slots=True)
class World:
    """What a simulated history is like."""

    name: str
    day: float = 0.15  # sd of the news day's effect
    carry: float = 0.5  # share of it that carries over to the next day
    slant: float = 0.15  # sd of the houses' slants
    noise: float = 0.35
    burst: float = 1.5  # variance of the volume's factor
    classes: bool = True  # scores as a judge of three classes gives them


WORLDS = (
    World("plain"),
    World("calm", day=0.08, carry=0.3, slant=0.1, noise=0.25, burst=1.0),
    World("rough", day=0.25, carry=0.6, slant=0.2, noise=0.35, burst=3.0),
    World("smooth scores", classes=False),
)


@dataclass(frozen=True, slots=True)
class Injection:
    """A change of level."""

    day: int
    size: float
    surge: float = 1.0  # factor of the volume in its first three days


def history(
    world: World, per_day: float, days: int, rng: random.Random, shift: Injection | None
) -> list[Voice]:
    """Return the voices of one subject, in order."""
    houses = [rng.gauss(0, world.slant) for _ in range(40)]
    level, effect, burst = rng.uniform(-0.25, 0.25), 0.0, 1.0
    voices: list[Voice] = []
    for day in range(days):
        heavy = rng.gauss(0, 1) / (rng.gammavariate(2.5, 0.4) ** 0.5)  # Student's t with 5 degrees of freedom
        effect = world.carry * effect + (1 - world.carry**2) ** 0.5 * world.day * heavy * 0.77
        burst = 0.5 * burst + 0.5 * rng.gammavariate(1 / world.burst, world.burst)
        moved = shift.size if shift and day >= shift.day else 0.0
        surge = shift.surge if shift and shift.day <= day < shift.day + 3 else 1.0
        for _ in range(_poisson(per_day * burst * surge, rng)):
            house = min(int(rng.expovariate(0.12)), len(houses) - 1)
            score = _score(level + moved + effect + houses[house] + rng.gauss(0, world.noise), world, rng)
            at = START + day * DAY_S + int(3600 * rng.triangular(0, 24, 15))
            voices.append(_voice(at, house, score, len(voices)))
    return sorted(voices, key=lambda voice: (voice.at, voice.row.story_id))


def _score(latent: float, world: World, rng: random.Random) -> float:
    if not world.classes:
        return max(-1.0, min(1.0, latent))
    if abs(latent) < 0.2:
        return rng.gauss(0, 0.05)
    sure = min(0.95, 0.35 + 0.8 * (abs(latent) - 0.2))
    return sure if latent > 0 else -sure


def _poisson(mean: float, rng: random.Random) -> int:
    total, count = rng.expovariate(1.0), 0
    while total < mean:
        total += rng.expovariate(1.0)
        count += 1
    return count


_EPOCH = datetime.fromtimestamp(START, UTC)


def _voice(at: int, house: int, score: float, number: int) -> Voice:
    row = Contribution(
        subject="tone:x", story_id=f"{number:06}", revision=1, score=score, confidence=1.0, label="neutral",
        publisher=f"house{house}", published=_EPOCH, first_published=_EPOCH, fetched_at=_EPOCH,
    )  # fmt: skip
    return Voice(at, row.publisher, round(score * MICRO), row)


Detector = Callable[[Sequence[Voice], int], list[tuple[int, int]]]  # voices, days -> (hour, sign) of alarms


def ours(rules: Rules) -> Detector:
    """Return the rule as the stream runs it."""

    def detect(voices: Sequence[Voice], days: int) -> list[tuple[int, int]]:
        return [(episode.detected, episode.sign) for episode in episodes(voices, days, rules)]

    return detect


def episodes(voices: Iterable[Voice], days: int, rules: Rules) -> tuple[Episode, ...]:
    """Return the episodes of a history."""
    panel = Panel(rules)
    panel.extend(voices)
    fold = Fold(panel, rules)
    fold.run(START + days * DAY_S)
    return fold.episodes


def shewhart(voices: Sequence[Voice], days: int) -> list[tuple[int, int]]:
    """Alarm when a day's mean over stories leaves 3 sd of the 30 days before, once a week: the field's rule."""
    scores: dict[int, list[float]] = {}
    for voice in voices:
        scores.setdefault((voice.at - START) // DAY_S, []).append(voice.micro / MICRO)
    means = {day: statistics.fmean(values) for day, values in scores.items()}
    alarms: list[tuple[int, int]] = []
    for day in range(30, days):
        past = [means[known] for known in range(day - 30, day) if known in means]
        quiet = not alarms or START + day * DAY_S - alarms[-1][0] > 7 * DAY_S
        if day in means and len(past) >= 8 and quiet:
            gap = means[day] - statistics.fmean(past)
            if abs(gap) > 3 * statistics.stdev(past):
                alarms.append((START + (day + 1) * DAY_S, 1 if gap > 0 else -1))
    return alarms


def false_alarms(
    detect: Detector, world: World, months: int, runs: int, watchlist: Sequence[float] = WATCHLIST
) -> float:
    """Return the alarms a month over a whole watchlist, in histories without a change."""
    days = WARM_UP_DAYS + round(months * MONTH_DAYS)
    count = 0
    for run in range(runs):
        for number, per_day in enumerate(watchlist):
            rng = random.Random(f"calm {world.name} {run} {number} {per_day}")
            voices = history(world, per_day, days, rng, None)
            count += sum(1 for at, _ in detect(voices, days) if at >= START + WARM_UP_DAYS * DAY_S)
    return count / runs / months


def delays(
    detect: Detector, world: World, per_day: float, size: float, surge: float, runs: int
) -> tuple[float, float, float]:
    """Return the median delay in days (inf if half are missed), and the shares found within 2 and 14 days."""
    found = []
    for run in range(runs):
        rng = random.Random(f"delay{world.name}{run}{per_day}")
        shift = Injection(60, -size, surge)
        voices = history(world, per_day, 60 + 16, rng, shift)
        begin = START + 60 * DAY_S
        hits = [at for at, sign in detect(voices, 76) if sign < 0 and at > begin]
        found.append((hits[0] - begin) / DAY_S if hits else float("inf"))
    return (
        statistics.median(found),
        sum(delay <= 2 for delay in found) / runs,
        sum(delay <= 14 for delay in found) / runs,
    )


def threshold_table(rules: Rules, months: int, runs: int, thresholds: Sequence[float]) -> None:
    print("\nFalse alarms a month without any change: 15 subjects (of them the 10 pairs)")
    print("| threshold | " + " | ".join(world.name for world in WORLDS) + " |")
    print("|---|" + "---|" * len(WORLDS))
    detectors = {str(h): ours(msgspec.structs.replace(rules, threshold=h)) for h in thresholds}
    for name, detect in (detectors | {"3 sd of 30 daily means": shewhart}).items():
        cells = []
        for world in WORLDS:
            pairs = false_alarms(detect, world, months, runs, PAIRS)
            tones = false_alarms(detect, world, months, runs, TONES)
            cells.append(f"{tones + pairs:.2f} ({pairs:.2f})")
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def delay_table(rules: Rules, runs: int) -> None:
    print("\nDelay of an injected shift: median in days, share found within 2 days, within 14 days")
    print("| stories a day | size | volume | ours | 3 sd of 30 daily means |\n|---|---|---|---|---|")
    for per_day in (0.7, 2.0, 8.0):
        for sigmas in (1.0, 2.0):
            for surge in (1.0, 5.0):
                cells = []
                for detect in (ours(rules), shewhart):
                    median, two, fourteen = delays(detect, WORLDS[0], per_day, sigmas * SPREAD, surge, runs)
                    cells.append(f"{median:.1f} d, {two:.0%}, {fourteen:.0%}")
                print(f"| {per_day} | {sigmas:g} σ | ×{surge:g} | {' | '.join(cells)} |", flush=True)


def break_table(rules: Rules, runs: int) -> None:
    """Print how soon a rift as a desk means it is found."""
    print(
        "\nA rift (pair with one story a day, level falls by 0.8, volume ×10): found within 1, 2 and 4 days"
    )
    print("| detector | " + " | ".join(world.name for world in WORLDS) + " |\n|---|" + "---|" * len(WORLDS))
    for name, detect in (("ours", ours(rules)), ("3 sd of 30 daily means", shewhart)):
        cells = []
        for world in WORLDS:
            found = sorted(rift(detect, world, run) for run in range(runs))
            cells.append(
                " / ".join(f"{sum(delay <= limit for delay in found) / runs:.0%}" for limit in (1, 2, 4))
            )
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def rift(detect: Detector, world: World, run: int) -> float:
    """Return the days after which one simulated rift was found."""
    rng = random.Random(f"rift {world.name} {run}")
    voices = history(world, 1.0, 66, rng, Injection(60, -0.8, 10.0))
    begin = START + 60 * DAY_S
    hits = [at for at, sign in detect(voices, 66) if sign < 0 and at > begin]
    return (hits[0] - begin) / DAY_S if hits else float("inf")


def window_table(rules: Rules, months: int, runs: int) -> None:
    """Compare sets of windows at (nearly) equal false alarms."""
    print("\nSets of windows at equal false alarms in the plain world")
    print(
        "| windows | threshold | false alarms a month | 1 σ ×5, 2 a day | 2 σ ×5, 0.7 a day | 2 σ ×1, 2 a day |"
    )
    print("|---|---|---|---|---|---|")
    for windows in ((24,), (72,), (24, 72), (48, 168), (72, 168)):
        tried = msgspec.structs.replace(rules, test_hours=windows)
        threshold, rate = _equal(tried, months, runs)
        detect = ours(msgspec.structs.replace(tried, threshold=threshold))
        cells = []
        for per_day, sigmas, surge in ((2.0, 1.0, 5.0), (0.7, 2.0, 5.0), (2.0, 2.0, 1.0)):
            median, two, fourteen = delays(detect, WORLDS[0], per_day, sigmas * SPREAD, surge, 60)
            cells.append(f"{median:.1f} d, {two:.0%}, {fourteen:.0%}")
        print(f"| {windows} | {threshold} | {rate:.2f} | {' | '.join(cells)} |", flush=True)


def _equal(rules: Rules, months: int, runs: int) -> tuple[float, float]:
    rate = 0.0
    for threshold in (2.4, 2.6, 2.8, 3.0, 3.2, 3.4, 3.6, 3.8, 4.0):
        detect = ours(msgspec.structs.replace(rules, threshold=threshold))
        rate = false_alarms(detect, WORLDS[0], months, runs)
        if rate <= 0.25:
            return threshold, rate
    return 4.0, rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rules", type=Path, default=Path("config/rules.toml"))
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--runs", type=int, default=4)
    parser.add_argument("--thresholds", type=float, nargs="*", default=[2.6, 2.8, 3.0, 3.5])
    parser.add_argument("--windows", action="store_true", help="also compare sets of windows")
    options = parser.parse_args()
    rules = Rules.load(options.rules)
    threshold_table(rules, options.months, options.runs, options.thresholds)
    break_table(rules, 100)
    delay_table(rules, 60)
    if options.windows:
        window_table(rules, options.months, options.runs)


if __name__ == "__main__":
    main()
