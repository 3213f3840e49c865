-- The mail outbox, version 1. Times are microseconds since 1970 in UTC; `record` is the mail itself as JSON.

CREATE TABLE mails (
    mail_id TEXT PRIMARY KEY,
    shift_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    kind TEXT NOT NULL,
    recipient TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    next_try_at INTEGER NOT NULL,
    refused_at INTEGER,
    record TEXT NOT NULL,
    UNIQUE (shift_id, revision, kind, recipient)
);
CREATE INDEX mails_by_time ON mails (created_at);
CREATE INDEX mails_waiting ON mails (next_try_at) WHERE state IN ('pending', 'sending');
CREATE INDEX mails_by_recipient ON mails (recipient, created_at);

-- What would have been mailed and was not, and why: paused, too old, back-filled.
CREATE TABLE suppressed (
    shift_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    kind TEXT NOT NULL,
    recipient TEXT NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (shift_id, revision, kind, recipient)
);
