from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from riftwatch.clock import ManualClock
from riftwatch.errors import ConfigError, Retry
from riftwatch.records import Mail
from sinks.courier import AS_FILE, GIVE_UP, LOGIN_PAUSE, OFF_FOR, REFUSALS, Courier, after
from sinks.policy import OVERTAKEN
from sinks.smtp import Delivery, Ending
from stores.outbox import Outbox
from tests.stores.samples import DAY, HOUR, T0, at, mail

MINUTE = timedelta(minutes=1)
SENT = Delivery(Ending.SENT)
LATER = Delivery(Ending.LATER, "451 greylisted")
REFUSED = Delivery(Ending.REFUSED, "550 no such user")


class FakeSmtp:
    """Answers as told, the last answer for ever; keeps what it was given."""

    def __init__(self, *answers: Delivery | Exception) -> None:
        self.answers = list(answers)
        self.given: list[EmailMessage] = []

    def __call__(self, message: EmailMessage, recipient: str) -> Delivery:
        self.given.append(message)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def unwell(*_given: object, **_named: object) -> None:
    raise Retry("database is locked")


class Post:
    """An outbox, a clock and a courier."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.outbox = Outbox(folder / "outbox.db")
        self.clock = ManualClock(T0)

    def courier(self, smtp: Callable[[EmailMessage, str], Delivery] | None = None) -> Courier:
        return Courier(self.outbox, self.clock, self.folder / "mails", "riftwatch@example.org", smtp)

    def carry(self, courier: Courier, turns: int = 20) -> None:
        for _ in range(turns):
            courier.turn()
            if courier._under_way is not None:
                courier._under_way.thread.join(5)
        courier.finish()

    def state(self, mail_id: str = "m1") -> Mail:
        kept = self.outbox.mail(mail_id)
        assert kept is not None
        return kept


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    made = Post(tmp_path)
    yield made
    made.outbox.close()


def m(number: int = 1, **fields: object) -> Mail:
    return mail(f"m{number}", revision=number, **fields)  # type: ignore[arg-type]


def test_without_a_server_a_mail_is_a_file(post: Post) -> None:
    post.outbox.add([m()])
    post.courier().turn()
    kept = post.state()
    assert (kept.state, kept.sent_at, kept.detail, kept.attempts) == ("sent", T0, AS_FILE, 1)
    assert b"Subject: Musk and Trump" in (post.folder / "mails" / "m1.eml").read_bytes()


def test_with_a_server_it_is_a_file_too(post: Post) -> None:
    smtp = FakeSmtp(SENT)
    post.outbox.add([m(1), m(2)])
    post.carry(post.courier(smtp))
    assert [post.state(name).state for name in ("m1", "m2")] == ["sent", "sent"]
    assert [message["Message-ID"] for message in smtp.given] == [
        "<alert.m1@example.org>",
        "<alert.m2@example.org>",
    ]
    assert len(list((post.folder / "mails").glob("*.eml"))) == 2


def test_patience_grows_from_a_minute_to_an_hour(post: Post) -> None:
    pauses = []
    kept = m()
    for attempt in range(1, 9):
        step = after(msgspec.structs.replace(kept, attempts=attempt), LATER, T0)
        assert step.next_try_at is not None
        pauses.append((step.next_try_at - T0) / MINUTE)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_mail_waits_its_time_and_then_arrives(post: Post) -> None:
    post.outbox.add([m()])
    courier = post.courier(FakeSmtp(LATER, SENT))
    post.carry(courier)
    assert (post.state().state, post.state().detail) == ("pending", "451 greylisted")
    post.clock.time = T0 + 59 * timedelta(seconds=1)
    post.carry(courier)
    assert post.state().attempts == 1
    post.clock.time = T0 + MINUTE
    post.carry(courier)
    assert (post.state().state, post.state().attempts, post.state().detail) == ("sent", 2, "")


def test_after_two_days_it_is_given_up_and_says_why(post: Post) -> None:
    post.outbox.add([m()])
    courier = post.courier(FakeSmtp(LATER))
    while post.state().state == "pending":
        post.carry(courier, 1)
        post.clock.time += HOUR
    assert post.state().state == "failed"
    assert post.state().detail == "given up after 48 hours: 451 greylisted"
    assert GIVE_UP - HOUR <= post.clock.time - T0 <= GIVE_UP + 2 * HOUR


def test_a_refused_mail_fails_and_the_next_is_tried(post: Post) -> None:
    post.outbox.add([m(1), m(2)])
    post.carry(post.courier(FakeSmtp(REFUSED, SENT)))
    assert [post.state(name).state for name in ("m1", "m2")] == ["failed", "sent"]


def test_a_recipient_who_is_always_refused_is_left_alone_for_a_while(post: Post) -> None:
    smtp = FakeSmtp(REFUSED)
    courier = post.courier(smtp)
    for number in range(1, REFUSALS + 2):
        post.clock.time = at(number / 100)
        post.outbox.add([m(number, day=number / 100)])
        post.carry(courier)
    assert len(smtp.given) == REFUSALS
    assert post.state(f"m{REFUSALS + 1}").detail.startswith("not tried")
    post.outbox.add([m(50, day=1, recipient="other@example.org")])
    post.clock.time = at(1)
    post.carry(courier)
    assert len(smtp.given) == REFUSALS + 1
    post.clock.time = T0 + OFF_FOR + DAY
    post.outbox.add([m(60, day=8)])
    post.carry(courier)
    assert len(smtp.given) == REFUSALS + 2


def test_one_success_among_refusals_keeps_a_recipient(post: Post) -> None:
    smtp = FakeSmtp(REFUSED, REFUSED, SENT, REFUSED, REFUSED, SENT)
    courier = post.courier(smtp)
    for number in range(1, 7):
        post.outbox.add([m(number, day=number)])
        post.clock.time = at(number)
        post.carry(courier)
    assert len(smtp.given) == 6


def test_killed_while_sending_it_is_sent_again_under_the_same_id(post: Post) -> None:
    post.outbox.add([m()])
    post.outbox.update(msgspec.structs.replace(m(), state="sending", attempts=1))
    smtp = FakeSmtp(SENT)
    post.carry(post.courier(smtp))
    assert (post.state().state, post.state().attempts) == ("sent", 2)
    assert smtp.given[0]["Message-ID"] == "<alert.m1@example.org>"


NO_LOGIN = ConfigError("the SMTP server does not accept the password")


def test_a_refused_login_is_tried_once_an_hour_and_said_once(post: Post) -> None:
    smtp = FakeSmtp(NO_LOGIN)
    courier = post.courier(smtp)
    post.outbox.add([m(1), m(2)])
    with capture_logs() as lines:
        post.carry(courier)
        post.clock.time = T0 + LOGIN_PAUSE - MINUTE
        post.carry(courier)
    assert len(smtp.given) == 1
    assert [line["event"] for line in lines] == [
        "the SMTP server does not accept the password; tried again in an hour, or at once after a restart"
    ]
    assert [(kept.state, kept.attempts) for kept in post.outbox.waiting()] == [("pending", 0)] * 2
    post.clock.time = T0 + LOGIN_PAUSE
    post.carry(courier)
    assert len(smtp.given) == 2


def test_while_the_login_is_refused_mails_are_files_and_then_all_arrive(post: Post) -> None:
    courier = post.courier(FakeSmtp(NO_LOGIN, LATER, SENT))
    post.outbox.add([m(1), m(2)])
    post.carry(courier)
    post.outbox.add([m(3)])
    post.carry(courier)
    assert sorted(path.name for path in (post.folder / "mails").iterdir()) == ["m1.eml", "m2.eml", "m3.eml"]
    post.clock.time = T0 + GIVE_UP + DAY
    post.carry(courier)
    assert post.state("m1").detail == "451 greylisted"
    post.clock.time += MINUTE
    post.carry(courier)
    assert [post.state(name).state for name in ("m1", "m2", "m3")] == ["sent"] * 3


def test_after_a_restart_the_login_is_tried_at_once(post: Post) -> None:
    post.outbox.add([m()])
    post.carry(post.courier(FakeSmtp(NO_LOGIN)))
    post.carry(post.courier(FakeSmtp(SENT)))
    assert post.state().state == "sent"


@pytest.mark.parametrize("answer", [LATER, REFUSED, NO_LOGIN])
def test_what_is_withdrawn_while_its_attempt_fails_never_goes_out(
    post: Post, answer: Delivery | Exception
) -> None:
    def withdrawn_meanwhile(_message: EmailMessage, _recipient: str) -> Delivery:
        post.outbox.add([m(2, kind="correction")])
        if isinstance(answer, Exception):
            raise answer
        return answer

    post.outbox.add([m(1)])
    post.carry(post.courier(withdrawn_meanwhile), 3)
    post.clock.time = T0 + 2 * HOUR
    smtp = FakeSmtp(SENT)
    post.carry(post.courier(smtp))
    assert smtp.given == []
    assert [post.state(name).state for name in ("m1", "m2")] == ["failed", "failed"]
    assert post.state("m2").detail == OVERTAKEN


def test_an_outbox_that_is_unwell_does_not_forget_what_was_sent(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    smtp, update = FakeSmtp(SENT), post.outbox.update
    courier = post.courier(smtp)
    post.outbox.add([m()])
    courier.turn()
    monkeypatch.setattr(post.outbox, "update", unwell)
    with pytest.raises(Retry):
        courier.finish()
    monkeypatch.setattr(post.outbox, "update", update)
    post.carry(courier)
    assert (post.state().state, len(smtp.given)) == ("sent", 1)


def test_a_paused_courier_stands_still(post: Post) -> None:
    post.outbox.add([m()])
    courier = post.courier()
    courier.turn(paused=True)
    assert post.state().state == "pending"
    courier.turn()
    assert post.state().state == "sent"


def test_a_folder_that_cannot_be_written_means_later(post: Post) -> None:
    (post.folder / "mails").write_text("in the way")
    post.outbox.add([m()])
    post.courier().turn()
    assert post.state().state == "pending"
    assert "cannot be written" in post.state().detail


def test_an_id_cannot_leave_the_folder(post: Post) -> None:
    evil = mail("../../evil", recipient="x@example.org")
    post.outbox.add([evil])
    post.courier().turn()
    assert [path.name for path in (post.folder / "mails").iterdir()] == ["______evil.eml"]


def test_what_cannot_be_composed_fails_and_says_why(post: Post) -> None:
    post.outbox.add([m(text="\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"))])
    post.outbox.add([m(2, recipient="a@b.example")])
    post.carry(post.courier())
    assert post.state("m2").state == "sent"
