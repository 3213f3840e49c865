"""Every record that crosses a topic or a store, defined once.

Frozen, versioned msgspec structs, JSON on the wire, times in UTC. A record is never broken: fields are
added with defaults, and a test decodes the committed example of every past version.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any, Literal, TypeAlias, TypeVar, get_args

import msgspec
from msgspec import Struct

from riftwatch.errors import Reject

Language: TypeAlias = str  # ISO 639-1; "und" when unknown
ToneLabel: TypeAlias = Literal["negative", "neutral", "positive", "unknown"]
RelationLabel: TypeAlias = Literal["hostile", "neutral", "friendly", "unknown"]
Direction: TypeAlias = Literal["up", "down"]


class Record(Struct, frozen=True, kw_only=True, omit_defaults=False):
    """Base of all records."""

    v: int = 1


# --- ingest -----------------------------------------------------------------------------------------


class FeedItem(Record, kw_only=True, frozen=True):
    """One revision of one feed entry, as the poller saw it."""

    story_id: str
    content_hash: str
    feed_id: str
    publisher: str  # family id from publishers.toml; an unknown domain stands for itself
    url: str = ""  # as given by the feed
    canonical_url: str | None = None
    guid: str = ""
    title: str = ""  # plain text: markup is removed at the door
    summary: str = ""
    content: str = ""
    authors: tuple[str, ...] = ()
    wire: str | None = None  # agency id when the text credits one
    language: Language | None = None  # the feed's hint
    status: Literal["present", "deleted"] = "present"
    published_claimed: str | None = None
    published: datetime
    published_confidence: Literal["claimed", "day", "clamped", "missing"] = "claimed"
    fetched_at: datetime
    backfill: bool = False
    canary: bool = False  # a heartbeat: analyse turns it into a Tick, nothing else sees it
    speaks_for: tuple[int, ...] = ()  # of a canary: the partitions of riftwatch.feeds that its poller polls
    feed_partitions: int = 0  # of a canary: how many of them there are; 0: it speaks for all


class FeedMove(Struct, frozen=True, kw_only=True):
    """A change of the address in use, for the audit."""

    at: datetime
    old: str
    new: str
    why: str
    since: datetime | None = None  # when the new address was first seen


class Subscription(Struct, frozen=True, kw_only=True):
    """What a feed's hub was asked for, and what it said (WebSub)."""

    hub: str
    topic: str  # the address that the hub knows the feed by
    state: Literal["known", "asked", "active", "refused"] = "known"
    callback: str = ""  # our public address when it was asked
    asked_at: datetime | None = None
    until: datetime | None = None  # end of the lease
    renew_at: datetime | None = None
    pushed_at: datetime | None = None  # last push; None: none yet, or one was missing
    leaving: bool = False  # the feed no longer names this hub


class FeedState(Record, kw_only=True, frozen=True):
    """All that the poller knows of a feed after a poll."""

    feed_id: str
    url: str
    title: str = ""
    publisher: str = ""
    language: Language | None = None
    polled_at: datetime | None = None
    next_poll_at: datetime | None = None
    interval_s: float = 0.0
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    health: str = "new"  # ok, not_modified, empty, rate_limited, gone, not_a_feed, tls, dns, timeout, …
    detail: str = ""  # one sentence for a person
    http_status: int | None = None
    failures: float = 0.0  # weighted failures in a row
    last_success_at: datetime | None = None
    last_new_item_at: datetime | None = None
    items_new: int = 0  # in this poll
    items_total: int = 0
    seen: dict[str, str] = {}  # story_id -> content hash of the entries in the newest document
    rate_per_hour: float | None = None  # learnt rate of new items
    guids: dict[str, str] = {}  # short guid -> story_id, of the newest entries; survives a changed address
    validators_host: str | None = None  # the host that etag and last_modified came from
    last_full_at: datetime | None = None  # last document fetched without validators
    validators_off_until: datetime | None = None  # its 304 lied: ask for the whole document until then
    moved_url: str | None = None  # the address in use after a permanent redirect that proved lasting
    moving_to: str | None = None  # target of a permanent redirect under observation
    moving_since: datetime | None = None
    moving_times: int = 0
    moves: tuple[FeedMove, ...] = ()  # newest last
    streak: int = 0  # polls in a row with this health
    health_since: datetime | None = None
    failing_since: datetime | None = None  # first of the failures in a row
    gone_times: int = 0  # 410 in a row
    parked: bool = False  # probed once a week only
    asked_to_rest_until: datetime | None = None  # by Retry-After; holds for other feeds of the host too
    https_tried_at: datetime | None = None  # the https twin of an http address that failed
    rhythm: tuple[int, ...] = ()  # thousandths of new items by hour of the week (UTC, Monday first), fading
    rhythm_weeks: float = 0.0  # weeks of observation behind it, fading likewise
    rhythm_at: datetime | None = None  # up to when both have faded
    title_affixes: tuple[str, ...] = ()  # what this feed adds to every title, such as " | DER SPIEGEL"
    guid_moves: float = 0.0  # entries with a known guid and another address, lately
    guid_news: float = 0.0  # entries with a new guid, lately
    guids_off_until: datetime | None = None  # it gives old guids to new entries: addresses only until then
    heard_hour: datetime | None = None  # the hour of the last successful poll
    heard: int = 0  # successful polls in that hour
    websub: Subscription | None = None  # the hub that the feed announces


class Coverage(Record, kw_only=True, frozen=True):
    """That a publisher was heard in an hour; gaps are data."""

    hour: datetime
    publisher: str
    heard: int  # successful polls in that hour, of the publisher's feed that was heard most often


# --- analyse ----------------------------------------------------------------------------------------


class Mention(Struct, frozen=True, kw_only=True):
    """One place where a tracked actor is named."""

    entity: str
    field: Literal["title", "summary", "content"]
    start: int  # character offsets in that field
    end: int
    text: str
    via: str  # name, alias, compound, description, speaks_for, pronoun


class Tone(Struct, frozen=True, kw_only=True):
    """How the story speaks of one actor."""

    label: ToneLabel
    score: float  # positive - negative, in [-1, 1]
    confidence: float  # probability of the label, in [0, 1]


class Side(Struct, frozen=True, kw_only=True):
    """One direction of a relation."""

    label: RelationLabel
    score: float


class SentenceScore(Struct, frozen=True, kw_only=True):
    """A sentence in the original language and what it says on the subject, in [-1, 1]."""

    sentence: str
    score: float


class Relation(Struct, frozen=True, kw_only=True):
    """How two actors stand to each other in one story; a is alphabetically first."""

    label: RelationLabel
    score: float  # friendly - hostile, in [-1, 1]
    confidence: float
    a_to_b: Side
    b_to_a: Side
    evidence: tuple[SentenceScore, ...] = ()


class Story(Record, kw_only=True, frozen=True):
    """One revision of one story with everything read from it."""

    story_id: str
    revision: int
    feed_id: str
    publisher: str
    url: str = ""
    title: str = ""
    summary: str = ""
    content: str = ""
    authors: tuple[str, ...] = ()
    wire: str | None = None
    status: Literal["present", "deleted"] = "present"
    language: Language = "und"
    published: datetime
    published_confidence: str = "claimed"
    first_published: datetime  # of the first revision; fixes the month of its index for ever
    fetched_at: datetime
    backfill: bool = False
    mentions: tuple[Mention, ...] = ()
    tones: dict[str, Tone] = {}  # entity id ->
    relations: dict[str, Relation] = {}  # "musk|trump" ->
    signature: str = ""  # near-duplicate signature, see processors/signature.py
    model: str = ""
    watchlist: str = ""
    content_hash: str = ""  # of the item, so that state can be refilled from a store
    analysed_ms: float = 0.0  # duration of the analysis


class Reading(Record, kw_only=True, frozen=True, tag="reading", tag_field="type"):
    """What one story revision says of one subject (`tone:musk`, `relation:musk|trump`)."""

    subject: str
    story_id: str
    revision: int = 1
    score: float = 0.0  # in [-1, 1]
    confidence: float = 0.0
    label: str = "unknown"
    a_to_b: float | None = None  # relations only
    b_to_a: float | None = None
    evidence: tuple[SentenceScore, ...] = ()  # strongest first
    publisher: str
    wire: str | None = None
    language: Language = "und"
    signature: str = ""
    published: datetime
    first_published: datetime
    fetched_at: datetime
    url: str = ""
    title: str = ""
    backfill: bool = False
    withdrawn: bool = False  # this revision no longer says anything of the subject
    model: str = ""


class Tick(Record, kw_only=True, frozen=True, tag="tick", tag_field="type"):
    """Time as it travels through the pipeline.

    Canaries of all pollers, fetched at `at` or later, have passed analyse in items partition `source`: every
    reading of an item fetched before `at` in that partition has been sent. The watch stage takes the smallest
    `at` over all `sources` as its time.
    """

    at: datetime
    source: int
    sources: int  # how many partitions the items topic has


# --- watch ------------------------------------------------------------------------------------------


class Evidence(Record, kw_only=True, frozen=True):
    """A reading with its weight in the series."""

    subject: str
    story_id: str
    revision: int
    score: float
    confidence: float
    label: str
    a_to_b: float | None = None
    b_to_a: float | None = None
    weight: float  # 0 when it is a copy, unknown or withdrawn
    counted: bool
    copy_of: str | None = None  # story_id of the original whose text this is
    sentences: tuple[SentenceScore, ...] = ()
    publisher: str
    wire: str | None = None
    language: Language = "und"
    published: datetime
    first_published: datetime
    fetched_at: datetime
    url: str = ""
    title: str = ""
    withdrawn: bool = False
    model: str = ""


class Split(Struct, frozen=True, kw_only=True):
    """A mean over part of the contributions."""

    mean: float
    n_stories: int
    n_publishers: int


class SeriesPoint(Record, kw_only=True, frozen=True):
    """One UTC day of one subject, a pure function of its contributions."""

    subject: str
    bucket: str  # YYYY-MM-DD
    mean: float | None  # None: nothing counted on that day
    low: float | None = None  # 95 % interval of the mean over publishers
    high: float | None = None
    n_stories: int = 0  # counted stories
    n_publishers: int = 0  # independent publishers: families, an agency's text counts as the agency
    n_copies: int = 0  # reach: copies that were not counted
    a_to_b: float | None = None
    b_to_a: float | None = None
    languages: dict[str, Split] = {}
    newest_fetched_at: datetime
    model: str = ""


class WindowMean(Struct, frozen=True, kw_only=True):
    """The mean of a window with its 95 % interval and the number of independent publishers."""

    mean: float
    low: float
    high: float
    n: int


class ShiftEvidence(Struct, frozen=True, kw_only=True):
    """A sentence that moved a shift, or spoke against it."""

    story_id: str
    sentence: str
    score: float
    published: datetime
    publisher: str
    language: Language = "und"
    title: str = ""
    url: str = ""


ShiftState: TypeAlias = Literal["opened", "strengthened", "settled", "withdrawn"]


class Shift(Record, kw_only=True, frozen=True):
    """A shift of one subject: a state that is revised, not an event."""

    shift_id: str  # hash(subject, direction, first detected bucket), for ever
    revision: int
    subject: str
    direction: Direction
    state: ShiftState
    onset: datetime
    detected_at: datetime  # on the hourly grid of event time
    reported_at: datetime  # time of the tick that reported this revision
    changed_at: datetime | None = None  # hour of the grid at which this state began
    settled_at: datetime | None = None
    before: WindowMean
    after: WindowMean
    statistic: float
    threshold: float
    expected_false_alarms: float | None = None  # a month over the whole watchlist, when calibrated
    publishers: tuple[str, ...] = ()  # that moved it
    evidence: tuple[ShiftEvidence, ...] = ()  # strongest first
    counter_evidence: tuple[ShiftEvidence, ...] = ()
    by_language: dict[str, Split] = {}
    by_publisher: dict[str, Split] = {}
    backfill: bool = False
    rules: str = ""  # version of the rules it was found with
    model: str = ""


# --- people and failures ----------------------------------------------------------------------------


class Decision(Record, kw_only=True, frozen=True):
    """What a person decided about a subject, a story or a shift."""

    target: str
    kind: Literal["sentence_wrong", "undo", "mute", "acknowledged", "unsubscribed"]
    who: str
    decided_at: datetime
    note: str = ""
    revision: int = 1


class DeadLetter(Record, kw_only=True, frozen=True):
    """A record that could not be processed, with its original bytes."""

    letter_id: str  # topic-partition-offset
    topic: str
    partition: int
    offset: int
    key: bytes | None = None  # base64 on the wire
    value: bytes | None = None
    headers: tuple[tuple[str, bytes], ...] = ()
    stage: str
    reason: str
    error: str  # at most 300 characters
    where: str = ""  # file:line
    attempt: int = 1
    failed_at: datetime
    version: str = ""


class Rebuild(Record, kw_only=True, frozen=True):
    """That topics are being refilled from a store, or were; the newest record stands."""

    source: str  # the store, without a password
    started_at: datetime
    topics: tuple[str, ...]  # that it refills
    finished_at: datetime | None = None  # None: under way or cut short, and the topics are not whole
    told: dict[str, str] = {}  # shift_id -> state, of shifts that people may have heard of before


class Mail(Record, kw_only=True, frozen=True):
    """One mail of the outbox, as sent or to be sent."""

    mail_id: str  # shift_id-revision-hash(recipient)
    shift_id: str
    revision: int
    kind: Literal["alert", "update", "correction", "settled"]
    recipient: str
    subject_line: str
    text: str
    html: str
    state: Literal["pending", "sending", "sent", "failed"]
    created_at: datetime
    sent_at: datetime | None = None
    detail: str = ""
    attempts: int = 0


ReadingOrTick: TypeAlias = Reading | Tick


_encoder = msgspec.json.Encoder()
R = TypeVar("R", bound=Record)


def encode(record: Record) -> bytes:
    """Return the record as it goes on the wire."""
    return _encoder.encode(record)


@cache
def _decoder(kind: type[Record]) -> msgspec.json.Decoder[Any]:  # Any: a cache cannot follow the kind
    return msgspec.json.Decoder(kind)


def decode(data: bytes | None, kind: type[R]) -> R:
    """Read one record of `kind`; raises Reject("undecodable")."""
    decoder: msgspec.json.Decoder[R] = _decoder(kind)
    return _guarded(data, decoder)


def decode_reading(data: bytes | None) -> ReadingOrTick:
    """Read one value of the readings topic; raises Reject("undecodable")."""
    return _guarded(data, _READING_OR_TICK)


_READING_OR_TICK: msgspec.json.Decoder[ReadingOrTick] = msgspec.json.Decoder(ReadingOrTick)
T = TypeVar("T", bound=Struct)


def _guarded(data: bytes | None, decoder: msgspec.json.Decoder[T]) -> T:
    if data is None:
        raise Reject("undecodable", "empty value")
    try:
        record = decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Reject("undecodable", str(error)) from error
    for name in _times(type(record)):
        if not _is_moment(getattr(record, name)):
            raise Reject("undecodable", f"{name} is no time in UTC")
    return record


@cache
def _times(kind: type[Struct]) -> tuple[str, ...]:
    """Return the names of the fields that hold a time."""
    found = msgspec.structs.fields(kind)
    return tuple(field.name for field in found if datetime in (field.type, *get_args(field.type)))


def _is_moment(value: datetime | None) -> bool:
    """Tell whether a time can be compared with others: it has a zone, and a place on the axis of UTC."""
    if value is None or value.tzinfo is UTC:
        return True
    try:
        value.astimezone(UTC)
    except OverflowError:
        return False
    return value.tzinfo is not None


def pair_key(a: str, b: str) -> str:
    """Return the key of a pair: both entity ids in alphabetical order."""
    return "|".join(sorted((a, b)))


def tone_subject(entity: str) -> str:
    """Return the subject under which the tone toward one actor is kept."""
    return f"tone:{entity}"


def relation_subject(a: str, b: str) -> str:
    """Return the subject under which the relation of two actors is kept."""
    return f"relation:{pair_key(a, b)}"


def subject_entities(subject: str) -> tuple[str, ...]:
    """Return the one or two entity ids of a subject."""
    return tuple(subject.partition(":")[2].split("|"))
