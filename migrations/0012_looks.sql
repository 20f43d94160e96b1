-- How signatures are given: when somebody first saw what they could sign.

-- Bookkeeping, for the page about habits; nothing is decided on it. Kept as long as that page looks back.
CREATE TABLE changes_looks (
    number         text NOT NULL REFERENCES changes_changes (number),
    subject_digest text NOT NULL,
    person         text NOT NULL,
    first_at       timestamptz NOT NULL DEFAULT gatehouse_now(),
    CONSTRAINT changes_looks_pkey PRIMARY KEY (number, subject_digest, person)
);
CREATE INDEX changes_looks_first_at ON changes_looks (first_at);
GRANT SELECT, INSERT, DELETE ON changes_looks TO gatehouse_app;

CREATE INDEX changes_approvals_signed_at ON changes_approvals (signed_at);
