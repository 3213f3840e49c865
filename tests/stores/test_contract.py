"""What every store promises. Each test runs on each implementation (see the fixture `store`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riftwatch.records import (
    Coverage,
    DeadLetter,
    Decision,
    Evidence,
    FeedState,
    Mail,
    SeriesPoint,
    Shift,
    Story,
)
from stores.base import EvidenceQuery, Outcome, Store, Stored, StoryQuery
from tests.stores import samples
from tests.stores.conftest import WITH_LANGUAGES
from tests.stores.samples import DAY, HOUR, MUSK_TRUMP, T0, at, evidence, point, shift, story

WHOLE_MONTHS = (731 + 31) * DAY  # a store may drop a month only once all of it is older than 24 months

ONE_OF_EACH: tuple[Stored, ...] = (
    story("s1", "musk", "trump"),
    evidence(),
    point(),
    shift(),
    samples.feed(),
    samples.coverage(),
    samples.decision(),
    samples.dead_letter(),
    samples.mail(),
)


def outcomes(store: Store, *records: Stored) -> list[Outcome]:
    return [written.outcome for written in store.put(records)]


def ids(stories: Sequence[Story]) -> list[str]:
    return [found.story_id for found in stories]


def found(store: Store, text: str = "", **fields: object) -> list[str]:
    return ids(store.search(StoryQuery(text=text, **fields)))  # type: ignore[arg-type]


# --- writing ------------------------------------------------------------------------------------------


def test_every_record_comes_back_as_it_was(store: Store) -> None:
    assert outcomes(store, *ONE_OF_EACH) == [Outcome.WRITTEN] * 9
    kinds = (Story, Evidence, SeriesPoint, Shift, FeedState, Coverage, Decision, DeadLetter, Mail)
    assert [list(store.everything(kind)) for kind in kinds] == [[record] for record in ONE_OF_EACH]
    assert store.counts() == {kind.__name__.lower(): 1 for kind in kinds}


def test_an_empty_batch_is_fine(store: Store) -> None:
    assert store.put([]) == []


def test_a_newer_revision_replaces_an_older_one(store: Store) -> None:
    outcomes(store, story("s1", "musk"))
    assert outcomes(store, story("s1", "trump", revision=2, title="Zoll auf Autos")) == [Outcome.WRITTEN]
    kept = store.story("s1")
    assert kept is not None
    assert kept.revision == 2
    assert found(store, "doubts") == []
    assert found(store, "zoll") == ["s1"]
    assert found(store, entities=("musk",)) == []
    assert found(store, entities=("trump",)) == ["s1"]


def test_an_equal_version_replaces_too(store: Store) -> None:
    """The weight of a piece of evidence changes without a new revision of its story."""
    outcomes(store, evidence(weight=1.0))
    assert outcomes(store, evidence(weight=0.0, counted=False)) == [Outcome.WRITTEN]
    assert store.evidence(EvidenceQuery(subject=MUSK_TRUMP))[0].weight == 0.0


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        (story(revision=3), story(revision=2)),
        (evidence(revision=2), evidence(revision=1)),
        (point(newest_fetched_at=at(2)), point(newest_fetched_at=at(1))),
        (shift(revision=2, state="settled"), shift()),
        (samples.feed(polled_at=at(1)), samples.feed(polled_at=at(0))),
        (samples.feed(), samples.feed(polled_at=None)),
        (samples.coverage(heard=4), samples.coverage(heard=3)),
        (samples.dead_letter(attempt=2), samples.dead_letter()),
    ],
)
def test_an_older_version_is_stale_and_changes_nothing(store: Store, newer: Stored, older: Stored) -> None:
    assert outcomes(store, newer, older) == [Outcome.WRITTEN, Outcome.STALE]
    assert list(store.everything(type(newer))) == [newer]


def test_a_batch_sent_again_changes_nothing(store: Store) -> None:
    store.put(ONE_OF_EACH)
    before = store.counts()
    store.put(ONE_OF_EACH)
    assert store.counts() == before
    assert found(store, "musk") == ["s1"]


def test_a_bad_record_is_rejected_and_the_rest_written(store: Store) -> None:
    bad = story("s2", revision=2**63)
    assert outcomes(store, story("s1"), bad, story("s3")) == [
        Outcome.WRITTEN, Outcome.REJECTED, Outcome.WRITTEN,
    ]  # fmt: skip
    assert store.put([bad])[0].reason
    assert set(store.stories(["s1", "s2", "s3"])) == {"s1", "s3"}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=())))
def test_any_text_is_kept_or_rejected(store: Store, text: str) -> None:
    written = store.put([story("s1", title=text)])[0]
    if written.outcome is Outcome.WRITTEN:
        kept = store.story("s1")
        assert kept is not None
        assert kept.title == text
    else:
        assert any("\ud800" <= char <= "\udfff" for char in text)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations([1, 2, 3, 4]))
def test_the_newest_revision_wins_in_any_order(store: Store, order: list[int]) -> None:
    key = "-".join(map(str, order))
    store.put([story(key, revision=revision, title=f"title {revision}") for revision in order])
    kept = store.story(key)
    assert kept is not None
    assert kept.title == "title 4"


# --- stories ------------------------------------------------------------------------------------------


def test_the_ids_of_all_stories_or_of_those_fetched_lately(store: Store) -> None:
    store.put(
        [
            story("s2", fetched_at=at(2)),
            story("s1"),
            story("s1", revision=2, status="deleted", fetched_at=at(1)),
        ]
    )
    assert list(store.story_ids()) == ["s1", "s2"]
    assert list(store.story_ids(fetched_since=at(1))) == ["s1", "s2"]
    assert list(store.story_ids(fetched_since=at(1.5))) == ["s2"]


def test_stories_by_id(store: Store) -> None:
    store.put([story("s1"), story("s2")])
    assert store.story("none") is None
    assert set(store.stories(["s1", "s2", "none"])) == {"s1", "s2"}
    assert store.stories([]) == {}


def test_a_search_without_words_lists_the_newest_first(store: Store) -> None:
    store.put([story(f"s{day}", day=day) for day in (2, 0, 1)])
    assert found(store) == ["s2", "s1", "s0"]
    page = store.search(StoryQuery(limit=1, offset=1))
    assert (ids(page), page.total) == (["s1"], 3)


def test_each_condition_of_a_search_holds(store: Store) -> None:
    store.put(
        [
            story("s1", "musk", "trump", language="de", publisher="abendpost"),
            story("s2", "musk", day=1),
            story("s3", "trump", day=2),
        ]
    )
    for text in ("", "musk"):
        assert found(store, text, entities=("musk", "trump")) == ["s1"]
        assert found(store, text, language="de") == ["s1"]
        assert found(store, text, publisher="abendpost", entities=("musk",)) == ["s1"]
        assert set(found(store, text, since=at(1))) == {"s2", "s3"}
        assert set(found(store, text, until=at(1))) == {"s1"}
        assert store.search(StoryQuery(text=text, since=at(1), until=at(2))).total == 1


@pytest.mark.parametrize("store", WITH_LANGUAGES, indirect=True)
@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("zolle", "Neue Zölle auf Autos"),
        ("ZÖLLE", "Neue Zölle auf Autos"),
        ("Haus", "Die Häuser der Stadt"),
        ("Häuser", "Das Haus am Markt"),
        ("tariff", "New tariffs on cars"),
        ("tariffs", "A new tariff on cars"),
        ("Musks", "Musk doubts it"),
        ("Musk's money", "The money of Musk"),
        ("Trump-Regierung", "Die Trump-Regierung plant"),
        ("auto zölle", "Zölle auf Autos"),
        ("openai", "OpenAI raises money"),
    ],
)
def test_words_find_their_inflections_in_both_languages(store: Store, query: str, text: str) -> None:
    store.put([story("s1", title=text), story("s2", title="Regen in Bremen")])
    assert found(store, query) == ["s1"]


def test_a_word_finds_the_actor_that_a_story_only_describes(store: Store) -> None:
    store.put([story("s1", "musk", title="Der Tech-Milliardär zweifelt")])
    assert found(store, "musk") == ["s1"]


def test_every_word_must_occur_and_the_best_match_comes_first(store: Store) -> None:
    store.put(
        [
            story("weak", title="Autos", content="Ganz am Ende kommt ein Zoll vor. " + "Wort " * 200),
            story("none", title="Autos"),
            story("best", title="Zoll auf Autos"),
        ]
    )
    assert found(store, "zoll autos") == ["best", "weak"]


def test_what_matches_alike_comes_newest_first_whatever_its_month(store: Store) -> None:
    rare = [story(f"s{month}", title="Zoll auf Autos", day=month * 31) for month in range(3)]
    common = [story(f"c{number}", title="Zoll und mehr", day=31) for number in range(8)]
    store.put([*rare, *common])
    assert found(store, "zoll autos") == ["s2", "s1", "s0"]


@pytest.mark.parametrize(
    "text", ['"', "AND", "(", "*", "a:b", "NEAR(", "title:", "-x", "'", "^", "\x00", "…"]
)
def test_no_text_is_a_syntax_error(store: Store, text: str) -> None:
    store.put([story()])
    assert store.search(StoryQuery(text=text)).total in (0, 1)


def test_a_deleted_story_is_kept_but_not_found(store: Store) -> None:
    store.put([story("s1", "musk"), story("s1", "musk", revision=2, status="deleted")])
    assert store.story("s1") is not None
    assert (found(store), found(store, "doubts"), found(store, entities=("musk",))) == ([], [], [])
    store.put([story("s1", "musk", revision=3)])
    assert found(store, "doubts") == ["s1"]


def test_the_latest_time_is_the_newest_fetch(store: Store) -> None:
    assert store.latest_time() is None
    store.put([story("s1", fetched_at=at(3)), story("s2", fetched_at=at(1))])
    assert store.latest_time() == at(3)


# --- subjects -----------------------------------------------------------------------------------------


def test_evidence_in_its_orders_and_conditions(store: Store) -> None:
    store.put(
        [
            evidence("s1", score=0.1),
            evidence("s2", score=-0.9, day=1, language="de", publisher="abendpost"),
            evidence("s3", score=0.8, day=2, counted=False),
            evidence("s4", day=3, withdrawn=True),
            evidence("s5", "tone:musk"),
        ]
    )

    def got(**fields: object) -> list[str]:
        page = store.evidence(EvidenceQuery(subject=MUSK_TRUMP, **fields))  # type: ignore[arg-type]
        return [piece.story_id for piece in page]

    assert got() == ["s3", "s2", "s1"]
    assert got(order="lowest") == ["s2", "s1", "s3"]
    assert got(order="highest") == ["s3", "s1", "s2"]
    assert got(counted_only=True) == ["s2", "s1"]
    assert got(language="de") == got(publisher="abendpost") == ["s2"]
    assert got(since=at(1), until=at(2)) == ["s2"]
    page = store.evidence(EvidenceQuery(subject=MUSK_TRUMP, limit=1, offset=2))
    assert ([piece.story_id for piece in page], page.total) == (["s1"], 3)


def test_a_series_is_oldest_first_with_both_ends_included(store: Store) -> None:
    store.put([point(day=day) for day in (3, 0, 2, 1)] + [point("tone:musk")])
    days = [at(day).date() for day in range(4)]
    assert [p.bucket for p in store.series(MUSK_TRUMP)] == [day.isoformat() for day in days]
    assert [p.bucket for p in store.series(MUSK_TRUMP, days[1], days[2])] == [
        day.isoformat() for day in days[1:3]
    ]
    assert store.series("relation:none|none") == []


def test_subjects_of_a_kind_with_their_newest_value_and_open_shift(store: Store) -> None:
    store.put(
        [
            *(point(day=day, mean=day / 10) for day in range(5)),
            point(day=5, mean=None),
            point("relation:altman|musk", day=-60),
            point("tone:musk"),
            shift("old", day=-3),
            shift("new", day=1, state="strengthened"),
            shift("gone", day=2, state="settled"),
            shift("later", day=20),
        ]
    )
    quiet, musk_trump = store.subjects("relation", until=at(5).date(), days=3)
    assert (quiet.subject, quiet.recent, quiet.open_shift) == ("relation:altman|musk", (), None)
    assert quiet.latest == point("relation:altman|musk", day=-60)
    assert [p.bucket for p in musk_trump.recent] == [at(day).date().isoformat() for day in (3, 4, 5)]
    assert musk_trump.latest == point(day=4, mean=0.4)
    assert musk_trump.open_shift is not None
    assert musk_trump.open_shift.shift_id == "new"
    assert [summary.subject for summary in store.subjects("tone", until=at(5).date())] == ["tone:musk"]


def test_a_shift_is_open_from_the_day_it_was_detected(store: Store) -> None:
    store.put([point(), shift("new", day=1)])
    assert store.subjects("relation", until=at(0).date())[0].open_shift is None
    assert store.subjects("relation", until=at(1).date())[0].open_shift is not None


def test_an_unknown_kind_has_no_subjects(store: Store) -> None:
    store.put([point()])
    assert store.subjects("none", until=date(2025, 1, 22)) == []


def test_shifts_newest_first(store: Store) -> None:
    store.put([shift("a"), shift("b", day=2), shift("c", day=1, subject="tone:musk")])
    assert [found.shift_id for found in store.shifts()] == ["b", "c", "a"]
    page = store.shifts(MUSK_TRUMP, limit=1, offset=1)
    assert ([found.shift_id for found in page], page.total) == (["a"], 2)
    assert store.shift("c") == shift("c", day=1, subject="tone:musk")
    assert store.shift("none") is None


def test_decisions_newest_first_and_none_is_lost(store: Store) -> None:
    first, undo = samples.decision("s1", kind="sentence_wrong"), samples.decision("s1", kind="undo", day=1)
    other = samples.decision("abc123", day=2)
    store.put([first, undo, other])
    assert store.decisions("s1") == [undo, first]
    assert store.decisions() == [other, undo, first]


# --- operations ---------------------------------------------------------------------------------------


def test_feeds_by_id(store: Store) -> None:
    store.put([samples.feed("b"), samples.feed("a")])
    assert [state.feed_id for state in store.feeds()] == ["a", "b"]


def test_coverage_oldest_first(store: Store) -> None:
    store.put([samples.coverage(2), samples.coverage(0), samples.coverage(1, "abendpost")])
    heard = store.coverage(T0, T0 + 2 * HOUR)
    assert [(c.hour, c.publisher) for c in heard] == [(T0, "herald"), (T0 + HOUR, "abendpost")]


def test_dead_letters_newest_first_with_their_bytes(store: Store) -> None:
    store.put([samples.dead_letter("a"), samples.dead_letter("b", day=1)])
    page = store.dead_letters(limit=1)
    assert (page[0], page.total) == (samples.dead_letter("b", day=1), 2)


def test_everything_comes_in_the_same_order_whatever_was_written_first(store: Store) -> None:
    for story_id in ("s2", "s3", "s1"):
        store.put([story(story_id)])
    assert ids(list(store.everything(Story))) == ["s1", "s2", "s3"]


def test_retention_drops_what_is_older_and_keeps_series_and_shifts(store: Store) -> None:
    store.put(ONE_OF_EACH)
    assert store.retain(T0 + 29 * DAY) == 0
    assert store.retain(T0 + 31 * DAY) == 1
    assert store.counts()["deadletter"] == 0
    assert store.retain(T0 + WHOLE_MONTHS) == 4
    assert store.counts() | {"feedstate": 1} == {
        "story": 0, "evidence": 0, "coverage": 0, "mail": 0, "deadletter": 0,
        "seriespoint": 1, "shift": 1, "feedstate": 1, "decision": 1,
    }  # fmt: skip
    assert found(store, "musk") == []


def test_retention_goes_by_the_first_publication(store: Store) -> None:
    """A story that is revised for years does not live longer for it."""
    store.put([story(published=at(700), fetched_at=at(700), revision=9)])
    assert store.retain(T0 + 730 * DAY) == 0
    assert store.retain(T0 + WHOLE_MONTHS) == 1


def test_close_is_safe_to_call_twice(store: Store) -> None:
    store.close()
    store.close()


def test_samples_are_valid_records() -> None:
    for record in ONE_OF_EACH:
        assert msgspec.json.decode(msgspec.json.encode(record), type=type(record)) == record
