"""Numbers and times as readers see them: a real minus sign, intervals in words, times in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from desk.wording import Wording

MINUS = "\N{MINUS SIGN}"
THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"
THIN_PUBLISHERS = 4  # fewer independent publishers than the detector accepts: shown as thin
_EDGES = (0.1, 0.25, 0.5)  # of the steps of colour


def signed(score: float | None) -> str:
    """Return a score with its sign and two digits: +0.31, −0.52, 0.00; an en dash for none."""
    if score is None:
        return "–"
    text = f"{abs(score):.2f}"
    if float(text) == 0:
        return text
    return (MINUS if score < 0 else "+") + text


def level(score: float | None) -> str:
    """Return the step of colour of a score: n3 (most hostile) to p3 (friendliest), z about zero, or none."""
    if score is None:
        return "none"
    steps = sum(abs(score) >= edge for edge in _EDGES)
    if not steps:
        return "z"
    return f"{'n' if score < 0 else 'p'}{steps}"


def decimal(number: float) -> str:
    """Return a number with one digit: 6.4, 5.0, −2.5."""
    return f"{number:.1f}".replace("-", MINUS)


def short(number: float) -> str:
    """Return a number with at most one digit: 2.5, 0."""
    return decimal(number).removesuffix(".0")


def thousands(number: int) -> str:
    """Return a whole number with narrow spaces between its thousands."""
    return f"{number:,}".replace(",", THIN_SPACE).replace("-", MINUS)


def is_thin(publishers: int) -> bool:
    """Say whether a value rests on too few independent publishers to be relied on."""
    return publishers < THIN_PUBLISHERS


class Times:
    """Dates and times in the words of a language, always in UTC."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording

    def day(self, moment: date) -> str:
        """Return a date: 22 Jan 2025."""
        moment = moment.astimezone(UTC) if isinstance(moment, datetime) else moment
        month = self._wording.plain(f"month.m{moment.month}")
        return self._wording.plain("time.day", day=moment.day, month=month, year=moment.year)

    def day_month(self, day: date) -> str:
        """Return a date without its year: 22 Jan."""
        return self._wording.plain(
            "time.day_month", day=day.day, month=self._wording.plain(f"month.m{day.month}")
        )

    def moment(self, moment: datetime) -> str:
        """Return a date and time: 22 Jan 2025, 14:05 UTC."""
        moment = moment.astimezone(UTC)
        return self._wording.plain("time.moment", day=self.day(moment), clock=f"{moment:%H:%M}")

    def span(self, length: timedelta) -> str:
        """Return a length of time in its largest unit: 3 minutes, 2 days."""
        seconds = max(0, int(length.total_seconds()))
        for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
            if seconds >= size:
                return self._wording.plain(f"time.{unit}s", n=seconds // size)
        return self._wording.plain("time.seconds", n=seconds)
