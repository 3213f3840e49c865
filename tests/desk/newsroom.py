"""A newsroom's store in small: eight months of invented records, the same at every call."""

from __future__ import annotations

import math
import random
from datetime import UTC, date, datetime, timedelta
from itertools import combinations

from riftwatch.records import (
    Coverage,
    DeadLetter,
    Direction,
    Evidence,
    FeedState,
    Mail,
    Mention,
    Relation,
    RelationLabel,
    SentenceScore,
    SeriesPoint,
    Shift,
    ShiftEvidence,
    ShiftState,
    Side,
    Split,
    Story,
    Tone,
    ToneLabel,
    WindowMean,
    relation_subject,
    tone_subject,
)
from stores.base import Stored

ACTORS = {
    "trump": "Donald Trump",
    "musk": "Elon Musk",
    "openai": "OpenAI",
    "xai": "xAI",
    "softbank": "SoftBank",
}
OUTLETS = {
    "harbour": "The Harbour Post",
    "meridian": "The Meridian",
    "capitol-ledger": "Capitol Ledger",
    "bay-daily": "Bay Daily",
    "tagesblick": "Tagesblick",
    "der-bote": "Der Bote",
    "hanse": "Hanse-Kurier",
    "rundschau-sued": "Rundschau Süd",
    "morgenpost-west": "Morgenpost West",
    "wirtschaft-heute": "Wirtschaft heute",
}
GERMAN = ("tagesblick", "der-bote", "hanse", "rundschau-sued", "morgenpost-west", "wirtschaft-heute")
FIRST, LAST = date(2024, 11, 1), date(2025, 6, 10)
NOW = datetime(2025, 6, 10, 16, 40, tzinfo=UTC)
BREAK, QUARREL = datetime(2025, 1, 22, 14, tzinfo=UTC), datetime(2025, 6, 5, 18, tzinfo=UTC)

HOSTILE = {
    "en": (
        "Musk wrote that the money Trump had announced with such fanfare simply is not there.",
        "Trump said he was very disappointed in Musk and would rather see him leave.",
        "Allies of the president called Musk ungrateful after he tore into the tax bill.",
    ),
    "de": (
        "Musk stellte öffentlich in Frage, ob das von Trump gefeierte Geld überhaupt vorhanden ist.",
        "Trump zeigte sich von Musk „sehr enttäuscht“ und drohte, dessen Aufträge zu streichen.",
        "Aus dem Weißen Haus hieß es, Musk sei dem Präsidenten in den Rücken gefallen.",
    ),
}
FRIENDLY = {
    "en": (
        "Trump praised Musk as a star and promised him a free hand.",
        "Musk stood beside Trump and thanked him for his trust.",
    ),
    "de": (
        "Trump lobte Musk als Genie und ließ ihm freie Hand.",
        "Musk stellte sich demonstrativ an die Seite des Präsidenten.",
    ),
}


def at(day: date, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def level_of(pair: tuple[str, str], day: date) -> float:
    """How the invented press sees a pair on a day."""
    if set(pair) == {"musk", "trump"}:
        if at(day) < BREAK:
            return 0.42
        if day < date(2025, 2, 12):
            return -0.38
        return 0.2 if at(day) < QUARREL else -0.62
    fixed = {
        ("musk", "openai"): -0.55,
        ("openai", "softbank"): 0.46,
        ("openai", "trump"): 0.18,
        ("softbank", "trump"): 0.33,
        ("musk", "xai"): 0.12,
        ("openai", "xai"): -0.3,
    }
    return fixed.get(pair, 0.0)


def busy_of(pair: tuple[str, str]) -> int:
    return {
        ("musk", "trump"): 9,
        ("musk", "openai"): 6,
        ("openai", "trump"): 5,
        ("openai", "softbank"): 4,
        ("softbank", "trump"): 3,
    }.get(pair, 1)


def point(subject: str, day: date, level: float, busy: int, dice: random.Random) -> SeriesPoint | None:
    n = max(0, round(dice.gauss(busy, busy / 2.5)))
    if n == 0 or (busy < 3 and dice.random() < 0.6):
        return None
    mean = max(-1.0, min(1.0, dice.gauss(level, 0.28 / math.sqrt(n))))
    half = 0.62 / math.sqrt(n)
    pair = subject.startswith("relation:")
    split = Split(mean=round(mean + 0.05, 3), n_stories=n, n_publishers=max(1, n // 2))
    return SeriesPoint(
        subject=subject,
        bucket=day.isoformat(),
        mean=round(mean, 4),
        low=round(max(-1, mean - half), 4) if n > 1 else None,
        high=round(min(1, mean + half), 4) if n > 1 else None,
        n_stories=n + 2,
        n_publishers=n,
        n_copies=n // 3,
        a_to_b=round(mean - 0.12, 4) if pair else None,
        b_to_a=round(mean + 0.06, 4) if pair else None,
        languages={
            "de": split,
            "en": Split(mean=round(mean - 0.06, 3), n_stories=n, n_publishers=max(1, n - n // 2)),
        },
        newest_fetched_at=at(day, 22),
        model="m-1",
    )


def days() -> list[date]:
    return [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]


def series() -> list[SeriesPoint]:
    dice = random.Random(7)
    silence = (date(2025, 3, 3), date(2025, 3, 9))  # nobody was heard
    found = []
    for day in days():
        if silence[0] <= day <= silence[1]:
            continue
        for pair in combinations(sorted(ACTORS), 2):
            found.append(point(relation_subject(*pair), day, level_of(pair, day), busy_of(pair), dice))
        for actor in ACTORS:
            level = {"musk": -0.2, "trump": -0.1, "openai": 0.1}.get(actor, 0.05)
            found.append(point(tone_subject(actor), day, level, 7 if actor in {"trump", "musk"} else 4, dice))
    return [one for one in found if one]


def sentence_of(score: float, language: str, dice: random.Random) -> str:
    return dice.choice((HOSTILE if score < 0 else FRIENDLY)[language])


def story_and_evidence(number: int, day: date, dice: random.Random) -> list[Stored]:
    publisher = dice.choice(tuple(OUTLETS))
    language = "de" if publisher in GERMAN else "en"
    score = round(max(-0.98, min(0.98, dice.gauss(level_of(("musk", "trump"), day), 0.3))), 3)
    sentence = sentence_of(score, language, dice)
    story_id = f"story-{number:04d}"
    published = at(day, dice.randrange(6, 16), dice.randrange(60))
    title = sentence.split(" und ")[0].split(" and ")[0].rstrip(".")
    stance: RelationLabel = "hostile" if score < -0.1 else "friendly"
    tone: ToneLabel = "negative" if score < -0.1 else "positive"
    mentions = tuple(
        Mention(
            entity=key,
            field="title",
            start=title.index(word),
            end=title.index(word) + len(word),
            text=word,
            via="name",
        )
        for key, word in (("musk", "Musk"), ("trump", "Trump"))
        if word in title
    )
    story = Story(
        story_id=story_id,
        revision=1 + number % 3,
        feed_id=f"{publisher}-news",
        publisher=publisher,
        url=f"https://{publisher}.example/{number}",
        title=title,
        language=language,
        summary=sentence,
        content=(sentence + " ") * 2 if number % 2 else "",
        published=published,
        first_published=published,
        fetched_at=published + timedelta(minutes=7),
        mentions=mentions,
        tones={
            "musk": Tone(label=tone, score=score / 2, confidence=0.71),
            "trump": Tone(label="neutral", score=0.04, confidence=0.64),
        },
        relations={
            "musk|trump": Relation(
                label=stance,
                score=score,
                confidence=0.83,
                a_to_b=Side(label=stance, score=score),
                b_to_a=Side(label="neutral", score=0.02),
                evidence=(SentenceScore(sentence=sentence, score=score),),
            )
        },
        model="m-1",
        wire="dpa" if number % 11 == 0 else None,
    )
    copy_of = f"story-{number - 1:04d}" if number % 9 == 0 and number else None
    found: list[Stored] = [story]
    for subject, value in (("relation:musk|trump", score), ("tone:musk", round(score / 2, 3))):
        found.append(
            Evidence(
                subject=subject,
                story_id=story_id,
                revision=story.revision,
                score=value,
                confidence=0.8,
                label=stance if subject.startswith("rel") else tone,
                weight=0 if copy_of else 1,
                counted=copy_of is None,
                copy_of=copy_of,
                publisher=publisher,
                language=language,
                sentences=(
                    SentenceScore(sentence=sentence, score=value),
                    *(
                        (
                            SentenceScore(
                                sentence=sentence_of(score, language, dice), score=round(value / 2, 2)
                            ),
                        )
                        if number % 4 == 0
                        else ()
                    ),
                ),
                published=published,
                first_published=published,
                fetched_at=story.fetched_at,
                url=story.url,
                title=title,
                model="m-1",
            )
        )
    return found


def stories(many: int = 240) -> list[Stored]:
    dice = random.Random(11)
    span = (LAST - FIRST).days
    found: list[Stored] = []
    for number in range(many):
        found += story_and_evidence(number, LAST - timedelta(days=min(span, int(number * span / many))), dice)
    return found


def moved(story: int, sentence: str, score: float, publisher: str, when: datetime) -> ShiftEvidence:
    language = "de" if publisher in GERMAN else "en"
    return ShiftEvidence(
        story_id=f"story-{story:04d}",
        sentence=sentence,
        score=score,
        published=when,
        publisher=publisher,
        language=language,
        title=sentence[:60],
        url=f"https://{publisher}.example/{story}",
    )


def shift(
    shift_id: str,
    subject: str,
    direction: Direction,
    state: ShiftState,
    when: datetime,
    before: float,
    after: float,
    n: int = 9,
) -> Shift:
    down = direction == "down"
    words, others = (HOSTILE, FRIENDLY) if down else (FRIENDLY, HOSTILE)
    houses = list(OUTLETS)[:n]
    return Shift(
        shift_id=shift_id,
        revision=3,
        subject=subject,
        direction=direction,
        state=state,
        onset=when - timedelta(hours=17),
        detected_at=when,
        reported_at=when + timedelta(hours=2),
        changed_at=when + timedelta(hours=20) if state == "strengthened" else None,
        settled_at=when + timedelta(days=12) if state == "settled" else None,
        before=WindowMean(mean=before, low=before - 0.09, high=before + 0.09, n=31),
        after=WindowMean(mean=after, low=after - 0.14, high=after + 0.14, n=n),
        statistic=-8.4 if down else 8.4,
        threshold=5.0,
        expected_false_alarms=None if state == "settled" else 0.4,
        publishers=tuple(houses),
        evidence=tuple(
            moved(
                4 * i,
                (words["de"] + words["en"])[i % (len(words["de"]) + len(words["en"]))],
                (-0.93 if down else 0.88) + i * 0.04 * (1 if down else -1),
                ("hanse", "der-bote", "meridian", "harbour", "bay-daily")[i],
                when - timedelta(hours=3 * i),
            )
            for i in range(5)
        ),
        counter_evidence=(moved(30, others["en"][0], 0.41 if down else -0.4, "capitol-ledger", when),),
        by_language={
            "de": Split(mean=after - 0.03, n_stories=14, n_publishers=5),
            "en": Split(mean=after + 0.05, n_stories=11, n_publishers=4),
        },
        by_publisher={
            house: Split(mean=round(after + 0.04 * i - 0.15, 2), n_stories=1 + i % 4, n_publishers=1)
            for i, house in enumerate(houses)
        },
        rules="2025-01",
        model="m-1",
    )


def shifts() -> list[Shift]:
    return [
        shift("5c1f9a02", "relation:musk|trump", "down", "strengthened", QUARREL, 0.21, -0.64),
        shift("91be77d4", "relation:musk|trump", "down", "settled", BREAK, 0.43, -0.38),
        shift(
            "0a44c2e7", "tone:openai", "up", "opened", datetime(2025, 5, 28, 9, tzinfo=UTC), -0.08, 0.34, 6
        ),
        shift(
            "77aa0b1c",
            "relation:openai|softbank",
            "up",
            "settled",
            datetime(2025, 2, 4, 11, tzinfo=UTC),
            0.22,
            0.55,
            5,
        ),
        shift(
            "e0d3f5a8",
            "relation:musk|openai",
            "up",
            "withdrawn",
            datetime(2024, 12, 12, 7, tzinfo=UTC),
            -0.52,
            -0.1,
            4,
        ),
    ]


def feeds() -> list[FeedState]:
    healths = [
        "ok",
        "not_modified",
        "silent",
        "timeout",
        "ok",
        "rate_limited",
        "ok",
        "not_a_feed",
        "not_modified",
        "new",
    ]
    found = []
    for number, (publisher, title) in enumerate(OUTLETS.items()):
        health = healths[number]
        polled = None if health == "new" else NOW - timedelta(minutes=3 + number)
        ill = health in {"timeout", "rate_limited", "not_a_feed"}
        found.append(
            FeedState(
                feed_id=f"{publisher}-news",
                url=f"https://{publisher}.example/feed.xml",
                title=title,
                publisher=publisher,
                language="de" if publisher in GERMAN else "en",
                polled_at=polled,
                next_poll_at=NOW + timedelta(minutes=7),
                health=health,
                detail="No answer within 30 seconds." if health == "timeout" else "",
                failures=2.5 if ill else 0,
                last_new_item_at=None if health == "new" else NOW - timedelta(hours=number),
                items_total=1200 + 77 * number,
            )
        )
    return found


def letters() -> list[DeadLetter]:
    return [
        DeadLetter(
            letter_id=f"riftwatch.items-{n}-{n * 17}",
            topic="riftwatch.items",
            partition=n,
            offset=n * 17,
            key=b"k",
            value=b"\xff\xfe{broken" * n,
            stage="analyse",
            reason="undecodable",
            error="JSON is malformed: invalid character (byte 0)",
            where="processors/sending.py:41",
            failed_at=NOW - timedelta(days=n),
        )
        for n in (1, 2, 3)
    ]


HOSTILE_HTML = (
    "<script>document.querySelector('h1').textContent = 'run'</script>"
    "<img src='https://elsewhere.example/pixel.png' onerror=\"document.querySelector('h1').textContent = 'run'\">"
)


def mails() -> list[Mail]:
    html = "<html><body style='font-family:Georgia'><h1 style='color:#a3440a'>Elon Musk and Donald Trump fell out</h1><p>was +0.21, now −0.64</p><p><a href='http://127.0.0.1:8420/shift/5c1f9a02'>The page of this shift</a></p></body></html>"
    return [
        Mail(
            mail_id=f"{shift_id}-{revision}-ab12",
            shift_id=shift_id,
            revision=revision,
            kind=kind,  # type: ignore[arg-type]
            recipient="desk@localhost",
            subject_line=line,
            text=f"{line}\n\nwas +0.21 (+0.12 to +0.30), now −0.64 (−0.78 to −0.50)\n9 publishers\n",
            html=html + HOSTILE_HTML if revision == 2 else html,
            state="sent" if sent else "pending",
            created_at=when,
            sent_at=when + timedelta(seconds=4) if sent else None,
            attempts=1 if sent else 0,
        )
        for shift_id, revision, kind, line, when, sent in (
            ("91be77d4", 1, "alert", "Elon Musk and Donald Trump fell out", BREAK, True),
            (
                "91be77d4",
                3,
                "settled",
                "Musk – Trump: back to its usual level",
                BREAK + timedelta(days=12),
                True,
            ),
            ("5c1f9a02", 1, "alert", "Elon Musk and Donald Trump fell out", QUARREL, True),
            (
                "5c1f9a02",
                2,
                "update",
                "Musk – Trump: the quarrel deepens",
                QUARREL + timedelta(hours=20),
                False,
            ),
        )
    ]


def coverage() -> list[Coverage]:
    return [
        Coverage(hour=at(LAST, hour), publisher=publisher, heard=2)
        for hour in range(16)
        for publisher in OUTLETS
    ]


def records() -> list[Stored]:
    return [*stories(), *series(), *shifts(), *feeds(), *letters(), *coverage()]
