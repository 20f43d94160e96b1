-- The way back: who confirmed the plan for it, what leads back once, and versions that nobody returns to.

-- Governed: changes.plan_confirmed. By the plan's digest, so that another subject with the same plan stays confirmed.
CREATE TABLE changes_confirmations (
    number       text NOT NULL REFERENCES changes_changes (number),
    plan_digest  text NOT NULL,
    person       text NOT NULL,
    confirmed_at timestamptz NOT NULL,
    PRIMARY KEY (number, plan_digest)
);

-- Governed: changes.rollback_minted, changes.rolled_back. What leads back, once, to what a release replaced.
CREATE TABLE changes_rollback_tokens (
    number         text PRIMARY KEY REFERENCES changes_changes (number),   -- the release that it can undo
    to_number      text NOT NULL,
    subject_digest text NOT NULL,
    minted_at      timestamptz NOT NULL,
    used_by        text UNIQUE REFERENCES changes_changes (number),
    used_at        timestamptz,
    CONSTRAINT changes_rollback_tokens_subject FOREIGN KEY (to_number, subject_digest)
        REFERENCES changes_subjects (number, digest),
    CONSTRAINT changes_rollback_tokens_used_whole CHECK ((used_by IS NULL) = (used_at IS NULL))
);

-- Governed: changes.version_marked.
CREATE TABLE changes_marks (
    entry_id     uuid PRIMARY KEY,
    number       text NOT NULL REFERENCES changes_changes (number),
    service      text NOT NULL,
    image_digest text NOT NULL,
    person       text NOT NULL,
    why          jsonb NOT NULL,                   -- sealed, as in the entry
    marked_at    timestamptz NOT NULL,
    CONSTRAINT changes_marks_once UNIQUE (image_digest)
);

-- What was released to a place, newest first: where a plan may lead.
CREATE INDEX changes_changes_released ON changes_changes (service, environment, ended_at) WHERE state = 'released';

GRANT SELECT, INSERT ON changes_confirmations, changes_marks TO gatehouse_app;
GRANT SELECT, INSERT, UPDATE ON changes_rollback_tokens TO gatehouse_app;
