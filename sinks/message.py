"""A mail as a message: text and HTML rendered, headers set safely, checked by reading it back. Sends nothing."""

from __future__ import annotations

import hashlib
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache

import jinja2

from riftwatch.errors import Reject
from riftwatch.records import Mail, Shift
from sinks import colours, texts
from sinks.facts import Addressed, Facts, MailKind, Names, facts, headline
from sinks.headers import one_line, token
from sinks.text_part import text_part

MAX_HTML_BYTES = 100_000  # Gmail cuts a mail at about 102 kB
HEADERS = (
    "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "List-Id", "List-Unsubscribe",
    "Auto-Submitted", "Precedence", "X-Riftwatch-Kind", "X-Riftwatch-Shift", "MIME-Version", "Content-Type",
)  # fmt: skip

# A subject is at most 200 characters. Folded at 78, its first line would be empty and readers show a leading blank.
POLICY = policy.SMTP.clone(max_line_length=400)


def mail_id(shift: Shift, kind: MailKind, recipient: str) -> str:
    """Return the id of a mail: the same for every delivery of the same revision."""
    return f"{shift.shift_id}-{shift.revision}-{kind}-{_hash(recipient)}"


def write(
    shift: Shift, kind: MailKind, names: Names, to: Addressed, now: datetime, first: Mail | None = None
) -> Mail:
    """Return the mail of one kind about a shift; `first` is the alert that opened the recipient's thread.

    Raises Reject when the shift cannot be put into words.
    """
    found = facts(shift, kind, names, to, first.created_at if first else now)
    text, html = render(found)
    if len(html.encode()) > MAX_HTML_BYTES:
        raise Reject("mail_too_large", f"{len(html.encode())} bytes of HTML")
    subject = first.subject_line if first else headline(shift, names)
    if kind == "correction":
        subject = texts.CORRECTION_SUBJECT.format(headline=subject)
    return Mail(
        mail_id=mail_id(shift, kind, to.recipient), shift_id=shift.shift_id, revision=shift.revision, kind=kind,
        recipient=to.recipient, subject_line=one_line(subject), text=text, html=html, state="pending", created_at=now,
    )  # fmt: skip


def trial_mail(recipient: str, now: datetime) -> Mail:
    """Return a mail that only shows that mails arrive."""
    return Mail(
        mail_id=f"test-{now:%Y%m%dT%H%M%S}-{_hash(recipient)}", shift_id="test", revision=0, kind="alert",
        recipient=recipient, subject_line=texts.TEST_SUBJECT, text=texts.TEST_TEXT, html="", state="pending",
        created_at=now,
    )  # fmt: skip


def render(found: Facts) -> tuple[str, str]:
    """Return text and HTML."""
    heading = texts.EVIDENCE_CORRECTION if found.kind == "correction" else texts.EVIDENCE
    html = (
        _templates()
        .get_template("mail.html")
        .render(f=found, t=texts, heading=heading, s=colours.light(), dark=colours.dark())
    )
    return text_part(found, heading), html


def compose(mail: Mail, sender: str) -> EmailMessage:
    """Return the message of a mail, ready to be sent; raises Reject when it would not be what it seems."""
    host = sender.rpartition("@")[2] or "localhost"
    thread = (
        f"<shift.{token(mail.shift_id)}.{_hash(mail.recipient)}@{host}>"  # of a message that never existed
    )
    message = EmailMessage(policy=POLICY)
    for name, value in (
        ("From", sender),
        ("To", mail.recipient),
        ("Subject", one_line(mail.subject_line)),
        ("Date", format_datetime(mail.created_at)),
        ("Message-ID", f"<alert.{token(mail.mail_id)}@{host}>"),
        ("In-Reply-To", thread),
        ("References", thread),
        ("List-Id", f"{texts.NAME} <shifts.{host}>"),
        ("List-Unsubscribe", f"<mailto:{sender}?subject=unsubscribe>"),
        ("Auto-Submitted", "auto-generated"),
        ("Precedence", "bulk"),
        ("X-Riftwatch-Kind", mail.kind),
        ("X-Riftwatch-Shift", one_line(mail.shift_id)),
    ):
        message[name] = value
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    check(message)
    return message


def check(message: EmailMessage) -> None:
    """Read the message back as a mail server would; raises Reject when a header is missing or too much."""
    try:
        read = message_from_bytes(message.as_bytes(), policy=policy.default)
    except (ValueError, LookupError) as error:
        raise Reject("unsafe_mail", f"cannot be written: {error}") from error
    names = [name for name in read if name.lower() != "content-transfer-encoding"]
    if sorted(names) != sorted(HEADERS):
        raise Reject("unsafe_mail", f"unexpected headers: {', '.join(sorted(set(names) ^ set(HEADERS)))}")


def _hash(recipient: str) -> str:
    return hashlib.sha256(recipient.lower().encode()).hexdigest()[:12]


@cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("sinks"), autoescape=True, undefined=jinja2.StrictUndefined
    )
