"""The mapped fields of what operations asks about: feeds, coverage, decisions, dead letters, mails. Pure."""

from __future__ import annotations

from datetime import datetime

from riftwatch.records import Coverage, DeadLetter, Decision, FeedState, Mail
from stores.elastic_fields import Fields, address


def feed(feed: FeedState, _ingested: datetime) -> Fields:
    """Return what is asked of a feed: how well it is, and when it is polled next."""
    own = {
        "id": feed.feed_id,
        "title": feed.title,
        "health": feed.health,
        "detail": feed.detail,
        "http_status": feed.http_status,
        "failures": feed.failures,
        "streak": feed.streak,
        "parked": feed.parked,
        "health_since": feed.health_since,
        "failing_since": feed.failing_since,
        "interval_s": feed.interval_s,
        "items_new": feed.items_new,
        "items_total": feed.items_total,
        "rate_per_hour": feed.rate_per_hour,
        "polled_at": feed.polled_at,
        "next_poll_at": feed.next_poll_at,
        "last_success_at": feed.last_success_at,
        "last_new_item_at": feed.last_new_item_at,
    }
    news = {"feed": own, "language": feed.language, "publisher_family": feed.publisher or None}
    return {"@timestamp": feed.polled_at, "url": address(feed.url), "news": news}


def coverage(heard: Coverage, _ingested: datetime) -> Fields:
    """Return that a publisher was heard in an hour."""
    news = {"publisher_family": heard.publisher, "coverage": {"heard": heard.heard}}
    return {"@timestamp": heard.hour, "news": news}


def decision(decision: Decision, _ingested: datetime) -> Fields:
    """Return what was decided on what, and by whom."""
    own = {"target": decision.target, "kind": decision.kind, "who": decision.who}
    return {"@timestamp": decision.decided_at, "news": {"decision": own}}


def dead_letter(letter: DeadLetter, _ingested: datetime) -> Fields:
    """Return where a record failed and why, without its bytes."""
    own = {
        "id": letter.letter_id,
        "stage": letter.stage,
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "where": letter.where,
        "attempt": letter.attempt,
        "size": None if letter.value is None else len(letter.value),
        "version": letter.version,
    }
    error = {"type": letter.reason, "message": letter.error}
    return {"@timestamp": letter.failed_at, "error": error, "news": {"dead_letter": own}}


def mail(mail: Mail, _ingested: datetime) -> Fields:
    """Return the state of a mail; to whom it goes stays in the record."""
    own = {
        "id": mail.mail_id,
        "shift_id": mail.shift_id,
        "revision": mail.revision,
        "kind": mail.kind,
        "state": mail.state,
        "subject_line": mail.subject_line,
        "attempts": mail.attempts,
        "sent_at": mail.sent_at,
    }
    return {"@timestamp": mail.created_at, "news": {"mail": own}}
