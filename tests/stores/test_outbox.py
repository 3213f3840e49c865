from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from riftwatch.records import Mail
from stores.outbox import Outbox, OutboxReader, Suppressed, read_mails
from tests.stores.samples import HOUR, at, mail


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    opened = Outbox(tmp_path / "outbox.db")
    yield opened
    opened.close()


def changed(old: Mail, **fields: object) -> Mail:
    return msgspec.structs.replace(old, **fields)


def test_a_mail_comes_back_as_it_was(outbox: Outbox) -> None:
    outbox.add([mail()])
    assert outbox.mail("abc123-1-x") == mail()
    assert outbox.mail("none") is None


def test_the_same_mail_is_kept_once_and_keeps_its_state(outbox: Outbox) -> None:
    assert outbox.add([mail()]) == [mail()]
    outbox.update(changed(mail(), state="sent", sent_at=at(0)))
    assert outbox.add([mail(), mail("other-id")]) == []
    assert [kept.state for kept in outbox.mails()] == ["sent"]


def test_mails_come_newest_first_and_by_shift(outbox: Outbox) -> None:
    outbox.add([mail("a"), mail("b", day=2, revision=2), mail("c", day=1, shift_id="other")])
    assert [kept.mail_id for kept in outbox.mails()] == ["b", "c", "a"]
    page = outbox.mails(limit=1, shift_id="abc123")
    assert ([kept.mail_id for kept in page], page.total) == (["b"], 2)


def test_due_are_the_cut_off_first_and_then_the_oldest(outbox: Outbox) -> None:
    outbox.add([mail(name, day=day, shift_id=name) for name, day in (("a", 1), ("b", 0), ("c", 0), ("d", 5))])
    outbox.update(changed(mail("c", shift_id="c"), state="sending"))
    assert [due.mail_id for due in outbox.due(at(2))] == ["c", "b", "a"]
    outbox.update(mail("b", shift_id="b"), next_try_at=at(3))
    assert [due.mail_id for due in outbox.due(at(2))] == ["c", "a"]
    assert outbox.depth() == 4
    assert outbox.oldest_waiting() == at(0)


def test_a_mail_waits_for_the_earlier_ones_of_its_thread(outbox: Outbox) -> None:
    alert, update = mail("a"), mail("b", revision=2, kind="update", day=1)
    outbox.add([alert, update, mail("c", revision=2, recipient="other@localhost", day=1)])
    outbox.update(alert, next_try_at=at(3))  # its server was unwell
    assert [due.mail_id for due in outbox.due(at(2))] == ["c"]
    assert [due.mail_id for due in outbox.due(at(4))] == ["a", "c"]
    outbox.update(changed(alert, state="sent"))
    assert [due.mail_id for due in outbox.due(at(4))] == ["b", "c"]


def test_the_history_of_a_recipient_is_in_the_order_of_revisions(outbox: Outbox) -> None:
    later = mail("b", revision=5, kind="settled", day=3)
    outbox.add([later, mail("a"), mail("c", recipient="other@localhost")])
    assert [kept.kind for kept in outbox.history("abc123", "desk@localhost")] == ["alert", "settled"]


def test_refusals_are_the_newest_tried(outbox: Outbox) -> None:
    outbox.add([mail(f"m{n}", revision=n, day=n) for n in range(4)])
    outbox.update(changed(mail("m1", revision=1, day=1), state="failed"), refused_at=at(1))
    outbox.update(changed(mail("m0", revision=0), state="sent"))
    outbox.update(changed(mail("m2", revision=2, day=2), state="failed"))  # given up, not refused
    assert outbox.refusals("desk@localhost", 3) == [at(1), None]


def test_what_was_not_mailed_is_on_record_once(outbox: Outbox) -> None:
    silent = Suppressed("abc123", 1, "alert", "desk@localhost", "paused", at(0))
    for _ in range(2):
        outbox.add([], [silent])
    assert outbox.suppressed() == [silent]


def test_it_survives_a_restart(tmp_path: Path) -> None:
    first = Outbox(tmp_path / "outbox.db")
    first.add([mail("b", day=1, revision=2), mail("a")])
    first.close()
    assert [kept.mail_id for kept in read_mails(tmp_path)] == ["a", "b"]


def test_an_outbox_that_nobody_has_written_yet_reads_as_empty_and_then_fills(tmp_path: Path) -> None:
    reader = OutboxReader(tmp_path / "outbox.db")
    assert (len(reader.mails()), reader.depth(), reader.oldest_waiting()) == (0, 0, None)
    writer = Outbox(tmp_path / "outbox.db")
    writer.add([mail()])
    assert [kept.created_at for kept in reader.mails()] == [at(0)]
    assert reader.mails()[0].created_at + HOUR > at(0)
    reader.close()
    writer.close()
