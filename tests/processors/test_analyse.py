"""The chain from an item to its story and readings, with a judge that reads plain words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from processors.analyse import Analysed, Analyser, Drop, StoryMemory, memory_of
from riftwatch.records import FeedItem, Reading
from riftwatch.watchlist import Watchlist
from tests.fakes import FakeJudge

CONFIG = Path(__file__).parents[2] / "config" / "watchlist.toml"
WATCHLIST = Watchlist.load(CONFIG)
T0 = datetime(2025, 6, 5, 12, tzinfo=UTC)


def item(title: str, summary: str = "", content: str = "", **other: object) -> FeedItem:
    base = FeedItem(
        story_id="s1", content_hash="h1", feed_id="f", publisher="kurier", title=title, summary=summary,
        content=content, published=T0, fetched_at=T0 + timedelta(minutes=5), language="de",
    )  # fmt: skip
    return msgspec.structs.replace(base, **other)


def analysed(entry: FeedItem, memory: StoryMemory | None = None, judge: FakeJudge | None = None) -> Analysed:
    result = Analyser(WATCHLIST, judge or FakeJudge()).analyse(entry, memory)
    assert isinstance(result, Analysed)
    return result


def by_subject(result: Analysed) -> dict[str, Reading]:
    return {reading.subject: reading for reading in result.readings}


ATTACK = item("Musk attackiert Trump wegen des Steuergesetzes", "Im Senat wird weiter verhandelt.")


def test_a_story_yields_a_tone_for_each_actor_and_a_relation_for_the_pair() -> None:
    result = analysed(ATTACK)
    assert sorted(by_subject(result)) == ["relation:musk|trump", "tone:musk", "tone:trump"]
    relation = result.story.relations["musk|trump"]
    assert relation.label == "hostile"
    assert relation.a_to_b.label == "hostile"
    assert relation.b_to_a.label == "neutral"
    assert relation.score < -0.5
    assert relation.evidence[0].sentence == ATTACK.title
    assert result.story.language == "de"
    assert result.story.revision == 1


def test_readings_carry_what_watch_needs() -> None:
    reading = by_subject(analysed(ATTACK))["relation:musk|trump"]
    assert (reading.publisher, reading.language, reading.first_published) == ("kurier", "de", T0)
    assert reading.a_to_b is not None
    assert reading.a_to_b < -0.8
    assert reading.signature
    assert reading.model == "fake-1"
    assert by_subject(analysed(ATTACK))["tone:trump"].evidence[0].sentence == ATTACK.title


def test_a_sentence_without_actor_is_not_judged_and_each_wording_once() -> None:
    judge = FakeJudge()
    analysed(
        item("Musk lobt Trump", "Es regnet. Musk lobt Trump.", "Musk lobt Trump. Trump dankt."), judge=judge
    )
    assert judge.read_texts == ["Musk lobt Trump", "Trump dankt."]


def test_the_headline_outweighs_a_sentence_of_the_body() -> None:
    result = analysed(item("Musk attackiert Trump", "Vor dem Treffen: Musk lobt Trump."))
    assert result.story.relations["musk|trump"].label == "hostile"


def test_a_look_back_weighs_little() -> None:
    result = analysed(
        item("Der Bruch im Weißen Haus", "Einst sah man das: Musk lobt Trump. Musk attackiert Trump offen.")
    )
    assert result.story.relations["musk|trump"].label == "hostile"


def test_a_pair_that_shares_no_sentence_is_listed_but_unknown() -> None:
    relation = analysed(item("Musk lobt Tesla", "Es regnet. Später äußerte sich Trump.")).story.relations
    assert relation["musk|trump"].label == "unknown"
    assert relation["musk|trump"].evidence == ()


def test_neighbouring_sentences_are_read_together_when_no_sentence_names_both() -> None:
    judge = FakeJudge()
    result = analysed(
        item("Der Abend", "Musk attackiert das Gesetz. Trump schweigt. Es regnet."), judge=judge
    )
    assert judge.read_texts[-1] == "Musk attackiert das Gesetz. Trump schweigt."
    [proof] = result.story.relations["musk|trump"].evidence
    assert proof.sentence == "Musk attackiert das Gesetz. Trump schweigt."
    headline = analysed(item("Trump attackiert Kritiker", "Musk lacht."), judge=(judge := FakeJudge()))
    assert judge.read_texts[-1] == "Trump attackiert Kritiker. Musk lacht."
    relation = headline.story.relations["musk|trump"]
    assert relation.b_to_a.score < 0
    assert relation.evidence[0].sentence == "Trump attackiert Kritiker"


def test_other_languages_are_named_but_not_judged() -> None:
    judge = FakeJudge()
    entry = item("Musk attaque Trump", "Le milliardaire a critiqué le président dans un long message.")
    result = analysed(msgspec.structs.replace(entry, language="fr"), judge=judge)
    assert result.story.language == "fr"
    assert judge.read_texts == []
    assert result.story.relations["musk|trump"].label == "unknown"
    assert result.story.tones["musk"].label == "unknown"


def test_the_same_item_gives_the_same_story_again_until_it_is_remembered() -> None:
    first, second = analysed(ATTACK), analysed(ATTACK)
    same = {"analysed_ms": 0.0}
    assert msgspec.structs.replace(first.story, **same) == msgspec.structs.replace(second.story, **same)
    assert first.readings == second.readings
    again = Analyser(WATCHLIST, FakeJudge()).analyse(ATTACK, first.memory)
    assert again == Drop("unchanged")


def test_an_edit_is_a_revision_that_keeps_the_first_publication() -> None:
    first = analysed(ATTACK)
    edited = item(
        "Musk lobt Trump",
        content_hash="h2",
        published=T0 + timedelta(days=2),
        fetched_at=T0 + timedelta(days=2),
    )
    second = analysed(edited, first.memory)
    assert second.story.revision == 2
    assert second.story.first_published == T0
    assert by_subject(second)["relation:musk|trump"].score > 0.5


def test_an_older_revision_is_dropped() -> None:
    first = analysed(ATTACK)
    older = item("Musk lobt Trump", content_hash="h0", fetched_at=T0)
    assert Analyser(WATCHLIST, FakeJudge()).analyse(older, first.memory) == Drop("older")


def test_a_subject_that_disappears_is_withdrawn_once() -> None:
    first = analysed(ATTACK)
    second = analysed(
        item("Musk reist ab", content_hash="h2", fetched_at=T0 + timedelta(hours=1)), first.memory
    )
    gone = {r.subject: r.withdrawn for r in second.readings}
    assert gone == {"tone:musk": False, "tone:trump": True, "relation:musk|trump": True}
    third = analysed(
        item("Musk ist abgereist", content_hash="h3", fetched_at=T0 + timedelta(hours=2)), second.memory
    )
    assert [r.subject for r in third.readings] == ["tone:musk"]


def test_a_deleted_story_withdraws_everything_and_can_come_back() -> None:
    first = analysed(ATTACK)
    deleted = msgspec.structs.replace(ATTACK, status="deleted", fetched_at=T0 + timedelta(hours=1))
    second = analysed(deleted, first.memory)
    assert second.story.status == "deleted"
    assert second.story.mentions == ()
    assert {r.withdrawn for r in second.readings} == {True}
    assert len(second.readings) == 3
    back = msgspec.structs.replace(ATTACK, fetched_at=T0 + timedelta(hours=2))
    third = analysed(back, second.memory)
    assert third.story.revision == 3
    assert not any(r.withdrawn for r in third.readings)


def test_a_new_model_reads_the_same_text_anew() -> None:
    first = analysed(ATTACK)
    judge = FakeJudge()
    judge.version = "fake-2"
    assert analysed(ATTACK, first.memory, judge).story.revision == 2


def test_memory_can_be_refilled_from_the_stored_story() -> None:
    first = analysed(ATTACK)
    assert memory_of(first.story) == first.memory
    assert msgspec.json.decode(msgspec.json.encode(first.memory), type=StoryMemory) == first.memory


def test_neighbours_do_not_matter() -> None:
    analyser = Analyser(WATCHLIST, FakeJudge())
    analyser.analyse(item("Altman rügt Musk", story_id="s2"), None)
    result = analyser.analyse(ATTACK, None)
    assert isinstance(result, Analysed)
    assert result.readings == analysed(ATTACK).readings


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00",
        "Musk\x00Trump",
        "🚀" * 5_000 + " Musk lobt Trump",
        "Musk lobt Trump " * 40_000,
        "MuskTrump" * 60_000,
        "a" * 1_000_000,
        "Musk, " * 500 + "Trump",
        "İİİ Musk lobt Trump İ",
        "特朗普 Musk Трамп Trump",
        "Das letzte Wort hat Trump",
    ],
)
def test_poison_is_bounded_and_offsets_hold(text: str) -> None:
    for entry in (item(text), item("Titel", text), item("Titel", "", text)):
        story = analysed(entry).story
        for mention in story.mentions:
            assert getattr(entry, mention.field)[mention.start : mention.end] == mention.text
        for relation in story.relations.values():
            assert all(len(one.sentence) <= 300 for one in relation.evidence)
