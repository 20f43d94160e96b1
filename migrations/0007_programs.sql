-- Programs: tokens that read in a person's name, requests that are done once, and who read the log.

-- Governed: people.token_issued, people.token_revoked. Of the secret there is only a hash.
CREATE TABLE people_tokens (
    token_id    uuid PRIMARY KEY,
    person      text NOT NULL REFERENCES people_persons (person),
    secret_hash text NOT NULL,                     -- SHA-256 of the token's text, which holds 256 random bits
    scopes      text[] NOT NULL,
    issued_at   timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    revoked_at  timestamptz,
    revoked_by  text,
    CONSTRAINT people_tokens_secret_hash_key UNIQUE (secret_hash),
    CONSTRAINT people_tokens_secret_hash_form CHECK (secret_hash ~ '^[0-9a-f]{64}$'),
    CONSTRAINT people_tokens_scopes_some CHECK (cardinality(scopes) > 0),
    CONSTRAINT people_tokens_year CHECK (expires_at > issued_at AND expires_at <= issued_at + interval '366 days'),
    CONSTRAINT people_tokens_revoked_by_somebody CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
CREATE INDEX people_tokens_person ON people_tokens (person, issued_at);
GRANT SELECT, INSERT, UPDATE ON people_tokens TO gatehouse_app;

-- What its owner calls a token, and when it was last used: at most a minute behind.
CREATE TABLE people_token_uses (
    token_id    uuid PRIMARY KEY REFERENCES people_tokens (token_id),
    label       text NOT NULL,
    used_at     timestamptz
);
GRANT SELECT, INSERT, UPDATE ON people_token_uses TO gatehouse_app;

-- Reads of the log, counted by reader and minute until the minute is over; then one entry says how many.
CREATE TABLE audit_read_counts (
    reader      text NOT NULL,                     -- the actor, as it will stand in the entry
    minute      timestamptz NOT NULL,
    count       bigint NOT NULL,
    CONSTRAINT audit_read_counts_pkey PRIMARY KEY (reader, minute)
);
CREATE INDEX audit_read_counts_minute ON audit_read_counts (minute);
GRANT SELECT, INSERT, UPDATE, DELETE ON audit_read_counts TO gatehouse_app;

-- Requests that were given an Idempotency-Key, for a day. `entries` is written by the transaction that did what was
-- asked, so it tells "done" from "not done" even when nobody ever saw the answer.
CREATE TABLE rest_requests (
    asker        text NOT NULL,
    key          text NOT NULL,
    fingerprint  bytea NOT NULL,                   -- SHA-256 of method, address and body
    began_at     timestamptz NOT NULL,
    taken_at     timestamptz,                      -- somebody is at it since; null: nobody is, and it is not known
    entries      jsonb,                            -- what it left in the log
    status       integer,                          -- the answer, once there is one
    content_type text,
    body         bytea,
    CONSTRAINT rest_requests_pkey PRIMARY KEY (asker, key),
    CONSTRAINT rest_requests_fingerprint_length CHECK (octet_length(fingerprint) = 32),
    CONSTRAINT rest_requests_answer_whole CHECK ((status IS NULL) = (body IS NULL))
);
CREATE INDEX rest_requests_began_at ON rest_requests (began_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON rest_requests TO gatehouse_app;
