from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from demo import corpus, expectations
from demo.corpus import Article, Corpus, Edit
from riftwatch.errors import ConfigError

# Which events retell the shifts that history knows; the corpus must not make any of them easy.
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def recorded() -> Corpus:
    return corpus.load()


def families(recorded: Corpus, articles: list[Article]) -> set[str]:
    return {recorded.outlets[article.outlet].family for article in articles}


def test_it_is_large_half_german_and_spans_eighteen_months(recorded: Corpus) -> None:
    german = sum(recorded.outlets[a.outlet].language == "de" for a in recorded.articles)
    assert len(recorded.articles) >= 500
    assert 0.45 <= german / len(recorded.articles) <= 0.55
    assert recorded.articles[0].published < datetime(2024, 7, 1, tzinfo=UTC)
    assert recorded.articles[-1].published > datetime(2025, 11, 1, tzinfo=UTC)


def test_ids_are_unique_and_copies_point_to_earlier_texts(recorded: Corpus) -> None:
    by_id = {article.id: article for article in recorded.articles}
    assert len(by_id) == len(recorded.articles)
    copies = [article for article in recorded.articles if article.copy_of]
    assert len(copies) >= 30
    assert all(by_id[copy.copy_of].published <= copy.published for copy in copies if copy.copy_of)


def test_it_holds_what_makes_news_hard(recorded: Corpus) -> None:
    kinds = Counter(article.kind for article in recorded.articles)
    assert kinds["noise"] >= len(recorded.articles) / 8
    assert kinds["hard-negative"] >= len(recorded.articles) / 12
    assert sum(bool(article.edits) for article in recorded.articles) >= 10
    assert any(article.deleted for article in recorded.articles)
    assert {article.wire for article in recorded.articles} == {None, "npa", "icw"}


def test_every_article_is_printed_by_day_and_changed_later(recorded: Corpus) -> None:
    for article in recorded.articles:
        assert 5 <= article.published.hour < 22, article.id
        assert article.changes()[0] == article.published, article.id
        assert article.title.strip(), article.id
        assert article.summary.strip(), article.id


def test_every_event_has_eight_families_and_both_languages(recorded: Corpus) -> None:
    events: dict[str, list[Article]] = defaultdict(list)
    for article in recorded.articles:
        if article.kind == "event":
            events[article.event].append(article)
    assert len(events) >= 8
    for name, articles in events.items():
        assert len(families(recorded, articles)) >= 8, name
        assert {recorded.outlets[a.outlet].language for a in articles} == {"de", "en"}, name


@pytest.mark.parametrize(
    "shift", expectations.load().shift, ids=lambda shift: f"{shift.day}-{shift.direction}"
)
def test_an_expected_shift_has_an_event_and_a_baseline_before_it(
    recorded: Corpus, shift: expectations.ExpectedShift
) -> None:
    day = datetime(shift.day.year, shift.day.month, shift.day.day, tzinfo=UTC)
    events = [
        a for a in recorded.articles if a.kind == "event" and abs(a.published - day) <= timedelta(days=3)
    ]
    before = [
        a
        for a in recorded.articles
        if a.kind == "baseline"
        and day - timedelta(days=31) <= a.published < day
        and "Musk" in a.title + a.summary
        and "Trump" in a.title + a.summary
    ]
    assert len(families(recorded, events)) >= 8
    assert len(before) >= 12
    assert len(families(recorded, before)) >= 8


def article(**changed: object) -> Article:
    given = {
        "id": "a-1", "outlet": "meridian", "published": "2025-01-22T10:00:00Z", "title": "One", "summary": "S.",
        "event": "e", "kind": "event",
    }  # fmt: skip
    return corpus.msgspec.convert(given | changed, Article)


def test_an_edition_shows_the_words_of_its_moment(recorded: Corpus) -> None:
    printed = datetime(2025, 1, 22, 10, tzinfo=UTC)
    edit = Edit(at=printed + 60 * MINUTE, title="Two", summary="T.")
    edited = article(edits=[{"at": edit.at, "title": edit.title, "summary": edit.summary}])
    one = Corpus(recorded.outlets.values(), (), [edited])
    assert one.edition("meridian", printed - MINUTE).articles == ()
    assert edited.words(printed) == ("One", "S.")
    assert edited.words(edit.at) == ("Two", "T.")
    assert one.edition("meridian", edit.at + MINUTE).changed == edit.at


def test_a_withdrawn_article_leaves_the_feed(recorded: Corpus) -> None:
    taken_back = article(deleted="2025-01-22T12:00:00Z")
    one = Corpus(recorded.outlets.values(), (), [taken_back])
    edition = one.edition("meridian", datetime(2025, 1, 22, 12, tzinfo=UTC))
    assert edition.articles == ()
    assert edition.withdrawn == (taken_back,)


def test_a_feed_holds_the_newest_entries_only(recorded: Corpus) -> None:
    edition = recorded.edition("rhein-echo", datetime(2026, 1, 1, tzinfo=UTC))
    assert len(edition.articles) == corpus.FEED_LENGTH
    assert list(edition.articles) == sorted(edition.articles, key=lambda a: a.published, reverse=True)


def test_a_bad_line_is_named(tmp_path, recorded: Corpus) -> None:
    (tmp_path / "outlets.toml").write_text((corpus.HERE / "outlets.toml").read_text())
    (tmp_path / "corpus").mkdir()
    file = tmp_path / "corpus" / "x.jsonl"
    good = json.loads(corpus.msgspec.json.encode(recorded.articles[0]))
    file.write_text(json.dumps(good) + "\n" + json.dumps(good | {"outlet": "nobody"}) + "\n")
    with pytest.raises(ConfigError, match=r'x\.jsonl:2: "nobody" is no outlet'):
        corpus.load(tmp_path)
    file.write_text('{"id": 1}\n')
    with pytest.raises(ConfigError, match=r"x\.jsonl:1: "):
        corpus.load(tmp_path)
    file.write_text("")
    with pytest.raises(ConfigError, match="holds no recorded articles"):
        corpus.load(tmp_path)
