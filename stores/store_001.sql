-- The store, version 1. Times are microseconds since 1970 in UTC; `record` is the record itself as JSON.
-- A row is replaced by an equal or newer `version` of itself, never by an older one (stores/sqlite.py).

CREATE TABLE stories (
    id INTEGER PRIMARY KEY,
    story_id TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    status TEXT NOT NULL,
    language TEXT NOT NULL,
    publisher TEXT NOT NULL,
    published INTEGER NOT NULL,
    first_published INTEGER NOT NULL,
    fetched_at INTEGER NOT NULL,
    entities TEXT NOT NULL,
    record TEXT NOT NULL
);
CREATE INDEX stories_listed ON stories (status, published DESC, language, publisher);
CREATE INDEX stories_by_age ON stories (first_published);
CREATE INDEX stories_by_fetch ON stories (fetched_at);

-- Which stories name an actor, with what the search filters by, so that counting needs no other table.
CREATE TABLE story_entities (
    entity TEXT NOT NULL,
    published INTEGER NOT NULL,
    story INTEGER NOT NULL,
    language TEXT NOT NULL,
    publisher TEXT NOT NULL,
    PRIMARY KEY (entity, published DESC, story)
) WITHOUT ROWID;

-- Stories that their publisher deleted are kept, but not found.
-- The text index holds no copy of the text: it reads it from the record.
CREATE VIEW story_text AS
SELECT id,
    json_extract(record, '$.title') AS title,
    json_extract(record, '$.summary') AS summary,
    json_extract(record, '$.content') AS content,
    entities
FROM stories;

CREATE VIRTUAL TABLE story_words USING fts5 (
    title, summary, content, entities,
    content = 'story_text', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2', prefix = '3 5'
);

CREATE TRIGGER story_added AFTER INSERT ON stories BEGIN
    INSERT INTO story_words (rowid, title, summary, content, entities)
    SELECT id, title, summary, content, entities FROM story_text WHERE id = new.id AND new.status = 'present';
    INSERT INTO story_entities (entity, published, story, language, publisher)
    SELECT DISTINCT json_extract(value, '$.entity'), new.published, new.id, new.language, new.publisher
    FROM json_each(new.record, '$.mentions') WHERE new.status = 'present';
END;

CREATE TRIGGER story_leaves BEFORE DELETE ON stories BEGIN
    INSERT INTO story_words (story_words, rowid, title, summary, content, entities)
    SELECT 'delete', id, title, summary, content, entities FROM story_text
    WHERE id = old.id AND old.status = 'present';
    DELETE FROM story_entities WHERE story = old.id AND published = old.published AND entity IN
        (SELECT json_extract(value, '$.entity') FROM json_each(old.record, '$.mentions'));
END;

CREATE TRIGGER story_changes BEFORE UPDATE ON stories BEGIN
    INSERT INTO story_words (story_words, rowid, title, summary, content, entities)
    SELECT 'delete', id, title, summary, content, entities FROM story_text
    WHERE id = old.id AND old.status = 'present';
    DELETE FROM story_entities WHERE story = old.id AND published = old.published AND entity IN
        (SELECT json_extract(value, '$.entity') FROM json_each(old.record, '$.mentions'));
END;

CREATE TRIGGER story_changed AFTER UPDATE ON stories BEGIN
    INSERT INTO story_words (rowid, title, summary, content, entities)
    SELECT id, title, summary, content, entities FROM story_text WHERE id = new.id AND new.status = 'present';
    INSERT INTO story_entities (entity, published, story, language, publisher)
    SELECT DISTINCT json_extract(value, '$.entity'), new.published, new.id, new.language, new.publisher
    FROM json_each(new.record, '$.mentions') WHERE new.status = 'present';
END;

CREATE TABLE evidence (
    subject TEXT NOT NULL,
    story_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    score REAL NOT NULL,
    counted INTEGER NOT NULL,
    withdrawn INTEGER NOT NULL,
    language TEXT NOT NULL,
    publisher TEXT NOT NULL,
    published INTEGER NOT NULL,
    first_published INTEGER NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (subject, story_id)
);
CREATE INDEX evidence_by_time ON evidence (subject, withdrawn, published, counted, language, publisher);
CREATE INDEX evidence_by_score ON evidence (subject, withdrawn, score, published, counted, language, publisher);
CREATE INDEX evidence_by_age ON evidence (first_published);

CREATE TABLE series (
    subject TEXT NOT NULL,
    bucket TEXT NOT NULL,
    version INTEGER NOT NULL,
    has_value INTEGER NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (subject, bucket)
);

CREATE TABLE shifts (
    shift_id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL,
    detected_at INTEGER NOT NULL,
    record TEXT NOT NULL
);
CREATE INDEX shifts_by_time ON shifts (detected_at);
CREATE INDEX shifts_by_subject ON shifts (subject, detected_at);

CREATE TABLE feeds (feed_id TEXT PRIMARY KEY, version INTEGER NOT NULL, record TEXT NOT NULL);

CREATE TABLE coverage (
    hour INTEGER NOT NULL,
    publisher TEXT NOT NULL,
    version INTEGER NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (hour, publisher)
);

CREATE TABLE decisions (
    target TEXT NOT NULL,
    decided_at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    who TEXT NOT NULL,
    version INTEGER NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (target, decided_at, kind, who)
);

CREATE TABLE dead_letters (
    letter_id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    failed_at INTEGER NOT NULL,
    record TEXT NOT NULL
);
CREATE INDEX dead_letters_by_time ON dead_letters (failed_at);

CREATE TABLE mails (
    mail_id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    record TEXT NOT NULL
);
CREATE INDEX mails_by_time ON mails (created_at);
