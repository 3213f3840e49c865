from __future__ import annotations

from email import message_from_bytes, policy
from itertools import product

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riftwatch.records import Shift, Split
from sinks import colours, texts
from sinks.facts import Addressed, MailKind, Names, chosen, headline
from sinks.message import MAX_HTML_BYTES, compose, mail_id, write
from tests.stores.samples import at, sentence, shift

KINDS: tuple[MailKind, ...] = ("alert", "update", "correction", "settled")
TO = Addressed("desk@example.org", "riftwatch@example.org", "http://127.0.0.1:8420/")


class Plain:
    """Names that are their ids, with a capital."""

    def title(self, id_: str, /) -> str:
        return id_.title()


NAMES = Names(Plain(), Plain())


def changed(found: Shift, **fields: object) -> Shift:
    return msgspec.structs.replace(found, **fields)


def test_an_alert_says_everything_in_text_and_html() -> None:
    mail = write(shift(), "alert", NAMES, TO, at(0))
    assert mail.subject_line == "Musk and Trump: relations have cooled since 22 January 2025"
    for part in (mail.text, mail.html):
        for said in (
            "relations have cooled since 22 January 2025", "+0.42", "−0.35", "11 independent publishers",
            "8 independent publishers", "22 January 2025, 09:00 UTC", "Musk stellt Trumps Vorhaben offen infrage.",
            "He is a friend, Trump said.", "Herald", "https://herald.example/s1", "German", "9 stories", "7.4", "5.0",
            "cautious default", "http://127.0.0.1:8420/shift/abc123", "desk@example.org",
        ):  # fmt: skip
            assert said in " ".join(part.split()), said


@pytest.mark.parametrize(
    ("kind", "direction", "subject"), [*product(KINDS, ("down", "up"), ("relation:a|b", "tone:a"))]
)
def test_every_kind_of_mail_can_be_written(kind: MailKind, direction: str, subject: str) -> None:
    found = changed(shift(), direction=direction, subject=subject, revision=2)
    first = write(found, "alert", NAMES, TO, at(0))
    mail = write(found, kind, NAMES, TO, at(1), None if kind == "alert" else first)
    assert "{" not in mail.text
    assert texts.LABEL[kind] in mail.html
    compose(mail, TO.sender)


def test_a_shift_with_nothing_in_it_can_be_written() -> None:
    bare = changed(
        shift(), evidence=(), counter_evidence=(), by_language={}, by_publisher={}, expected_false_alarms=0.42
    )
    mail = write(bare, "alert", NAMES, Addressed("a@b.c", "d@e.f", ""), at(0))
    assert texts.NO_EVIDENCE in mail.text
    assert texts.NO_COUNTER in mail.text
    assert "0.4 false alarms" in mail.text
    assert "/shift/" not in mail.text


def test_later_mails_stay_in_the_thread_and_a_correction_says_so() -> None:
    first = write(shift(), "alert", NAMES, TO, at(0))
    later = changed(shift(), revision=2, onset=at(-3), state="strengthened")
    update = write(later, "update", NAMES, TO, at(1), first)
    correction = write(later, "correction", NAMES, TO, at(2), first)
    assert update.subject_line == first.subject_line
    assert correction.subject_line == f"Correction: {first.subject_line}"
    assert "22 January 2025" in update.text
    messages = [compose(mail, TO.sender) for mail in (first, update, correction)]
    assert len({message["References"] for message in messages}) == 1
    assert len({message["Message-ID"] for message in messages}) == 3


def test_the_message_is_the_same_each_time_it_is_composed() -> None:
    mail = write(shift(), "alert", NAMES, TO, at(0))
    one, two = compose(mail, TO.sender), compose(mail, TO.sender)
    assert one["Message-ID"] == two["Message-ID"]
    assert one["Date"] == two["Date"] == "Wed, 22 Jan 2025 09:00:00 +0000"
    assert mail_id(shift(), "alert", "a@b.c") == mail_id(shift(), "alert", "A@B.c")


def test_it_is_a_list_mail_with_the_text_first() -> None:
    mail = write(shift(), "alert", NAMES, TO, at(0))
    message = message_from_bytes(compose(mail, TO.sender).as_bytes(), policy=policy.default)
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert message["List-Id"] == "Riftwatch <shifts.example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Precedence"] == "bulk"
    assert message["List-Unsubscribe"] == "<mailto:riftwatch@example.org?subject=unsubscribe>"
    assert message["To"] == "desk@example.org"


def test_html_in_a_sentence_a_name_or_a_link_stays_text() -> None:
    evil = '<script>alert(1)</script><img src="https://spy.example/x.png">'
    found = changed(
        shift(),
        evidence=(sentence("s1", evil, -1, evil, url="javascript:alert(1)", language="x'y"),),
        by_publisher={evil: Split(mean=0, n_stories=1, n_publishers=1)},
        by_language={evil: Split(mean=0, n_stories=1, n_publishers=1)},
    )
    html = write(found, "alert", NAMES, TO, at(0)).html
    assert "<script" not in html.lower()
    assert "<img" not in html.lower()
    assert "javascript:" not in html


def test_a_mail_asks_for_nothing_from_outside() -> None:
    html = write(shift(), "alert", NAMES, TO, at(0)).html
    for outside in ("<img", "<script", "<link", "url(", "@import", "<iframe", "<form"):
        assert outside not in html


@settings(max_examples=20, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=50), st.integers(0, 300))
def test_any_shift_stays_small_and_can_be_sent(text: str, many: int) -> None:
    found = changed(
        shift(),
        evidence=tuple(sentence(f"s{n}", text * 500, -1, f"{text}{n}", url=text) for n in range(many)),
        by_publisher={f"{text}{n}": Split(mean=0.5, n_stories=n, n_publishers=1) for n in range(many)},
    )
    mail = write(found, "alert", NAMES, TO, at(0))
    assert len(mail.html.encode()) < MAX_HTML_BYTES
    compose(mail, TO.sender).as_bytes()


def test_the_sentences_come_from_many_outlets_and_every_language() -> None:
    evidence = [sentence(f"s{n}", "x", -1 + n / 100, "loud") for n in range(6)]
    evidence += [
        sentence("b", "x", -0.5, "calm"), sentence("c", "x", -0.4, "third"), sentence("d", "x", -0.1, "late", language="de"),
    ]  # fmt: skip
    assert [one.story_id for one in chosen(evidence, 4)] == ["s0", "b", "c", "d"]
    assert [one.story_id for one in chosen(evidence, 5)] == ["s0", "s1", "b", "c", "d"]
    assert chosen([]) == []


def test_headlines_in_both_directions() -> None:
    assert headline(changed(shift(), direction="up"), NAMES).startswith(
        "Musk and Trump: relations have warmed"
    )
    assert headline(changed(shift(), subject="tone:musk"), NAMES).startswith(
        "Musk: coverage has turned more critical"
    )


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("name", colours.TEXT_ON_GROUND)
def test_every_text_stands_out_in_the_light_and_in_the_dark(name: str) -> None:
    for text, ground in colours.TEXT_ON_GROUND[name]:
        low, high = sorted((luminance(text), luminance(ground)))
        assert (high + 0.05) / (low + 0.05) >= 4.5


def test_numbers_read_as_in_print() -> None:
    assert [texts.number(n) for n in (0.4, -0.351, 0.0, -0.001)] == ["+0.40", "−0.35", "0.00", "0.00"]


def test_the_size_of_a_fall_is_told_without_a_sign() -> None:
    mail = write(changed(shift(), statistic=-7.4), "alert", NAMES, TO, at(0))
    assert "measures 7.4 on" in " ".join(mail.text.split())


def test_a_long_subject_begins_on_its_own_line() -> None:
    mail = write(shift(), "alert", NAMES, TO, at(0))
    long = msgspec.structs.replace(mail, subject_line="Elon Musk and Donald Trump: " + "warmer " * 20)
    assert b"\r\nSubject: Elon Musk" in compose(long, "riftwatch@example.org").as_bytes()
