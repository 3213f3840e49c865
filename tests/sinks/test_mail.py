from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from kafka import TopicPartition

from riftwatch import metrics, topics
from riftwatch.clock import ManualClock
from riftwatch.errors import ConfigError, Retry
from riftwatch.records import DeadLetter, Shift, decode, encode
from riftwatch.settings import Settings
from sinks import consuming
from sinks.consuming import Letters, Stop
from sinks.courier import Courier
from sinks.facts import Names
from sinks.mail import PAUSE_FILE, Desk, MailSink, desk_of
from sinks.policy import OVERTAKEN
from stores.outbox import Outbox
from tests.sinks.fakes import FakeConsumer, FakeProducer
from tests.sinks.test_message import Plain
from tests.stores.samples import HOUR, T0, at, shift

SHIFTS = TopicPartition(topics.SHIFTS.name, 0)
NAMES = Names(Plain(), Plain())


class Office:
    """A mail sink on fakes, with a real outbox and real files."""

    def __init__(self, data: Path, *recipients: str) -> None:
        self.data = data
        self.consumer, self.producer = FakeConsumer(), FakeProducer()
        self.outbox, self.clock = Outbox(data / "outbox.db"), ManualClock(T0 + HOUR)
        self.desk = Desk(
            recipients or ("desk@example.org",), "riftwatch@example.org", "http://desk.example", NAMES
        )
        self.restart()

    def restart(self, heard_before: Mapping[str, str] | None = None) -> None:
        self.consumer.rewind()
        courier = Courier(self.outbox, self.clock, self.data / "mails", self.desk.sender)
        self.sink = MailSink(
            self.consumer, self.outbox, Letters(self.producer, "mail"), courier, self.clock, self.desk, self.data, Stop(),
            heard_before or {},
        )  # fmt: skip

    def hear(self, *shifts: Shift) -> None:
        for one in shifts:
            self.consumer.add(topics.SHIFTS.name, encode(one))
        self.sink.turn()

    def kinds(self) -> list[str]:
        return [mail.kind for mail in reversed(self.outbox.mails(100).items)]

    def files(self) -> list[str]:
        return sorted(path.name for path in (self.data / "mails").glob("*"))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.outbox.close()


def revised(revision: int, state: str, **fields: object) -> Shift:
    return shift(revision=revision, state=state, changed_at=T0, **fields)  # type: ignore[arg-type]


def test_a_shift_becomes_a_mail_a_file_and_a_commit(office: Office) -> None:
    office.hear(shift())
    (mail,) = office.outbox.mails()
    assert (mail.kind, mail.state, mail.recipient) == ("alert", "sent", "desk@example.org")
    assert mail.created_at == T0 + HOUR
    assert office.files() == [f"{mail.mail_id}.eml"]
    assert office.consumer.committed == {SHIFTS: 1}


def test_the_life_of_a_shift_is_one_thread(office: Office) -> None:
    for number, state in enumerate(("opened", "opened", "strengthened", "settled", "withdrawn"), 1):
        office.clock.time = T0 + number * HOUR
        office.hear(revised(number, state))
    assert office.kinds() == ["alert", "update", "settled", "correction"]
    assert len(office.files()) == 4


def test_everybody_gets_a_mail_of_their_own(tmp_path: Path) -> None:
    office = Office(tmp_path, "a@example.org", "b@example.org")
    office.hear(shift())
    assert sorted(mail.recipient for mail in office.outbox.mails()) == ["a@example.org", "b@example.org"]
    office.outbox.close()


def test_delivered_a_thousand_times_it_is_one_mail(office: Office) -> None:
    office.hear(*[shift()] * 1000)
    for _ in range(20):
        office.sink.turn()
    assert office.kinds() == ["alert"]


def test_killed_between_row_and_commit_it_is_one_mail(office: Office) -> None:
    office.consumer.refuse_commit = True
    office.hear(shift())
    office.consumer.refuse_commit = False
    office.restart()
    office.sink.turn()
    assert office.kinds() == ["alert"]
    assert office.consumer.committed == {SHIFTS: 1}


def test_replayed_from_the_start_nothing_is_mailed_again(office: Office) -> None:
    history = [revised(n, state) for n, state in enumerate(("opened", "strengthened", "withdrawn"), 1)]
    for one in history:
        office.hear(one)
    office.consumer.committed = {}
    office.restart()
    office.sink.turn()
    assert office.kinds() == ["alert", "update", "correction"]


def test_what_was_suppressed_is_not_sent_when_it_is_told_again(office: Office) -> None:
    (office.data / PAUSE_FILE).touch()
    office.hear(shift())
    (office.data / PAUSE_FILE).unlink()
    office.hear(shift())  # a worker that was killed tells its shifts again
    assert office.kinds() == []


def test_paused_nothing_is_written_but_it_is_on_record(office: Office) -> None:
    (office.data / PAUSE_FILE).touch()
    office.hear(shift())
    assert office.kinds() == []
    assert [one.reason for one in office.outbox.suppressed()] == ["paused"]
    (office.data / PAUSE_FILE).unlink()
    office.hear(shift("other"))
    assert office.kinds() == ["alert"]


def test_a_correction_waits_for_the_end_of_a_pause(office: Office) -> None:
    office.hear(shift())
    (office.data / PAUSE_FILE).touch()
    office.hear(revised(2, "withdrawn"))
    assert [mail.state for mail in office.outbox.mails()] == ["pending", "sent"]
    (office.data / PAUSE_FILE).unlink()
    office.sink.turn()
    assert {mail.state for mail in office.outbox.mails()} == {"sent"}


def test_what_was_not_sent_yet_is_called_back(office: Office) -> None:
    office.hear(shift())
    alert = office.outbox.mails()[0]
    import msgspec

    office.outbox.update(msgspec.structs.replace(alert, state="pending"), next_try_at=at(5))
    office.hear(revised(2, "withdrawn"))
    (kept,) = office.outbox.mails()
    assert (kept.state, kept.detail) == ("failed", OVERTAKEN)


def test_old_shifts_and_backfill_are_silent(office: Office) -> None:
    office.hear(shift("old", day=-2), shift("back", backfill=True), shift("tone", subject="tone:musk"))
    assert office.kinds() == []
    assert sorted(one.reason for one in office.outbox.suppressed()) == ["backfill", "too_old"]


def test_bad_bytes_and_tombstones_do_not_stop_the_mail(office: Office) -> None:
    office.consumer.add(topics.SHIFTS.name, b"\xff{")
    office.consumer.add(topics.SHIFTS.name, None)
    office.hear(shift())
    assert office.kinds() == ["alert"]
    (sent,) = office.producer.sent
    letter = decode(sent[2], DeadLetter)
    assert (letter.value, letter.stage) == (b"\xff{", "mail")
    assert office.consumer.committed == {SHIFTS: 3}


def test_a_shift_that_cannot_be_put_into_words_is_a_dead_letter(office: Office) -> None:
    office.hear(shift(subject="relation:"), shift("good"))
    good = [mail.shift_id for mail in office.outbox.mails()]
    assert "good" in good


def test_an_unwell_outbox_holds_the_offset(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consuming, "FIRST_WAIT_S", 0.0)
    failures = [Retry("database is locked")] * 3
    add = office.outbox.add

    def unwell(*given):  # type: ignore[no-untyped-def]
        if failures:
            assert office.consumer.committed == {}
            raise failures.pop()
        return add(*given)

    office.outbox.add = unwell  # type: ignore[method-assign]
    office.hear(shift())
    assert office.kinds() == ["alert"]
    assert office.consumer.committed == {SHIFTS: 1}


def test_depth_and_age_are_measured(office: Office) -> None:
    office.hear(shift())
    assert metrics.OUTBOX_DEPTH._value.get() == 0
    (office.data / PAUSE_FILE).touch()
    office.hear(revised(2, "withdrawn"))
    office.clock.time += HOUR
    office.sink.turn()
    assert (metrics.OUTBOX_DEPTH._value.get(), metrics.OUTBOX_AGE._value.get()) == (1, 3600)


def test_the_desk_of_the_settings() -> None:
    desk = desk_of(Settings(mail_to=" a@b.example, c@d.example,a@b.example ,"), NAMES)
    assert desk.recipients == ("a@b.example", "c@d.example")


@pytest.mark.parametrize("wrong", ["anna", "a@b\nBcc: x@y", "a b@c", "a@b@c", "<a@b>", "@", "a@"])
def test_what_is_no_address_is_refused(wrong: str) -> None:
    with pytest.raises(ConfigError, match="mail address"):
        desk_of(Settings(mail_to=wrong), NAMES)
    with pytest.raises(ConfigError, match="mail address"):
        desk_of(Settings(mail_from=wrong), NAMES)


def test_after_a_move_with_a_new_outbox_only_news_is_mailed(office: Office) -> None:
    one = shift()
    office.restart({one.shift_id: "opened"})
    office.hear(one, revised(2, "opened"))
    assert office.kinds() == []
    assert {row.reason for row in office.outbox.suppressed()} == {"rebuilt"}
    office.hear(revised(3, "strengthened"))
    assert office.kinds() == ["alert"]
