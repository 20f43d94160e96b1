-- The first house: the log, the people, the changes, and what arrives from GitHub.
--
-- Run as gatehouse_owner. The application is gatehouse_app and owns nothing; what it may do is granted
-- table by table at the end of each section. Which tables are governed and which are bookkeeping is
-- listed in tables.toml beside this file; a table that is in neither list fails the house test.

-- The one clock of every decision: the primary's. Tests replace this function to move time; nothing else may.
CREATE FUNCTION gatehouse_now() RETURNS timestamptz
    LANGUAGE sql VOLATILE PARALLEL SAFE
    AS 'SELECT clock_timestamp()';

-- === the portal itself

-- What this database has always been: a demo stays one, and a real one never becomes one.
CREATE TABLE portal_instance (
    only_row    boolean PRIMARY KEY DEFAULT true,
    log_origin  text NOT NULL,
    is_demo     boolean NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT gatehouse_now(),
    CONSTRAINT portal_instance_one CHECK (only_row)
);
GRANT SELECT, INSERT ON portal_instance TO gatehouse_app;

-- === audit

-- One row per entry. `body` is the entry: the exact bytes, never changed. Everything else is derived from
-- them for lists and filters, and `xid`, `ord` order what was committed together for the later Merkle log.
CREATE TABLE audit_entries (
    id          uuid PRIMARY KEY,
    xid         xid8 NOT NULL,
    ord         integer NOT NULL,
    at          timestamptz NOT NULL,
    body        bytea NOT NULL,
    leaf_hash   bytea NOT NULL,
    act         text NOT NULL,
    actor       text NOT NULL,
    about_kind  text NOT NULL,
    about_id    text NOT NULL,
    CONSTRAINT audit_entries_order UNIQUE (xid, ord),
    CONSTRAINT audit_entries_size CHECK (octet_length(body) BETWEEN 2 AND 65535),
    CONSTRAINT audit_entries_leaf CHECK (leaf_hash = sha256('\x00'::bytea || body))
);
-- The audit page: newest first by (xid, ord), filtered by one of these.
CREATE INDEX audit_entries_act ON audit_entries (act, xid, ord);
CREATE INDEX audit_entries_actor ON audit_entries (actor, xid, ord);
CREATE INDEX audit_entries_about ON audit_entries (about_id, xid, ord);

-- Whoever connects as the application can add to the log and read it; nothing else, whatever the program tries.
GRANT SELECT, INSERT ON audit_entries TO gatehouse_app;

-- And nobody rewrites it by mistake, the owner included: dropping this trigger is a deliberate act.
CREATE FUNCTION audit_entries_are_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit entries are final: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_entries_final BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_are_final();

-- The key that opens a person's text in the log, wrapped by the portal's own. Deleting a row erases the text for ever.
CREATE TABLE audit_person_keys (
    owner       text PRIMARY KEY,
    wrapped     bytea NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT gatehouse_now(),
    CONSTRAINT audit_person_keys_wrapped_length CHECK (octet_length(wrapped) = 72)
);
GRANT SELECT, INSERT, DELETE ON audit_person_keys TO gatehouse_app;

-- Unauthenticated refusals, counted by source and minute until the minute is over; then one entry says how many.
CREATE TABLE audit_refusal_counts (
    attempt     text NOT NULL,
    reason      text NOT NULL,
    source      text NOT NULL,
    minute      timestamptz NOT NULL,
    count       bigint NOT NULL,
    CONSTRAINT audit_refusal_counts_pkey PRIMARY KEY (attempt, reason, source, minute)
);
CREATE INDEX audit_refusal_counts_minute ON audit_refusal_counts (minute);
GRANT SELECT, INSERT, UPDATE, DELETE ON audit_refusal_counts TO gatehouse_app;

-- === people

CREATE TABLE people_persons (
    person        text PRIMARY KEY,                -- the employee id, exactly as the identity provider says it
    first_seen_at timestamptz NOT NULL,
    CONSTRAINT people_persons_person_form CHECK (person ~ '^[A-Za-z0-9._-]{1,64}$')
);

-- An account is SHA-256 of (iss, sub) and never moves to another person: a re-used e-mail or a renamed user changes nothing.
CREATE TABLE people_accounts (
    account     text PRIMARY KEY,
    person      text NOT NULL REFERENCES people_persons (person),
    roles       text[] NOT NULL,                   -- roles whose groups the provider last reported
    linked_at   timestamptz NOT NULL,
    CONSTRAINT people_accounts_account_form CHECK (account ~ '^[0-9a-f]{64}$')
);
CREATE INDEX people_accounts_person ON people_accounts (person);

CREATE TABLE people_keys (
    key_id        uuid PRIMARY KEY,
    person        text NOT NULL REFERENCES people_persons (person),
    credential_id text NOT NULL,                   -- base64url; unique over everybody and for ever: a revoked one never returns
    public_key    jsonb NOT NULL,
    enrolled_by   text NOT NULL,
    enrolled_at   timestamptz NOT NULL,
    revoked_at    timestamptz,
    CONSTRAINT people_keys_credential_id_key UNIQUE (credential_id),
    CONSTRAINT people_keys_enrolled_by_word CHECK (enrolled_by IN ('founder_code', 'demo', 'signature'))
);
CREATE INDEX people_keys_person ON people_keys (person) WHERE revoked_at IS NULL;

CREATE TABLE people_founder_codes (
    code_hash   text PRIMARY KEY,                  -- only the hash is kept
    person      text NOT NULL,                     -- no foreign key: founders are named before they first sign in
    issued_at   timestamptz NOT NULL,
    used_at     timestamptz
);

-- What the identity provider last called this person: a cache, erasable without touching an entry.
CREATE TABLE people_profiles (
    person      text PRIMARY KEY REFERENCES people_persons (person),
    name        text NOT NULL,
    email       text,
    read_at     timestamptz NOT NULL
);

-- When the provider last spoke for an account, and the encrypted refresh token to ask again.
CREATE TABLE people_role_facts (
    account       text PRIMARY KEY REFERENCES people_accounts (account),
    facts_at      timestamptz NOT NULL,
    refresh_token bytea                            -- nonce || ciphertext; null: the provider gave none, or took it back
);

CREATE TABLE people_sessions (
    session_id  uuid PRIMARY KEY,
    token_hash  bytea NOT NULL,                    -- SHA-256 of the cookie's 32 random bytes
    person      text NOT NULL REFERENCES people_persons (person),
    account     text NOT NULL REFERENCES people_accounts (account),
    started_at  timestamptz NOT NULL,
    seen_at     timestamptz NOT NULL,
    ended_at    timestamptz,
    end_cause   text,
    CONSTRAINT people_sessions_token_hash_key UNIQUE (token_hash),
    CONSTRAINT people_sessions_token_hash_length CHECK (octet_length(token_hash) = 32),
    CONSTRAINT people_sessions_end_cause_word CHECK (end_cause IN ('signed_out', 'replaced', 'compromised')),
    CONSTRAINT people_sessions_ended_with_cause CHECK ((ended_at IS NULL) = (end_cause IS NULL))
);
CREATE INDEX people_sessions_person ON people_sessions (person);

-- One sign-in on its way through the identity provider; deleted when its answer arrives.
CREATE TABLE people_signins (
    state_hash    bytea PRIMARY KEY,
    browser_hash  bytea NOT NULL,                  -- of the __Host- cookie: the answer must return to the same browser
    nonce         text NOT NULL,
    pkce_verifier text NOT NULL,
    return_to     text NOT NULL,
    expires_at    timestamptz NOT NULL,
    CONSTRAINT people_signins_return_to_local CHECK (return_to ~ '^/([^/\\]|$)' AND length(return_to) <= 512)
);
CREATE INDEX people_signins_expires_at ON people_signins (expires_at);

-- One touch of a key that was asked for; consumed before it is checked, whatever the check says.
CREATE TABLE people_ceremonies (
    ceremony_id uuid PRIMARY KEY,
    person      text NOT NULL REFERENCES people_persons (person),
    session_id  uuid NOT NULL REFERENCES people_sessions (session_id) ON DELETE CASCADE,
    purpose     text NOT NULL,                     -- "people.register", or the act that is signed
    act_bytes   bytea,                             -- the canonical signed act; null for a registration
    state       jsonb NOT NULL,                    -- webauthn-rs's own state, server side only
    context     jsonb NOT NULL,                    -- what the caller needs back when the signature arrives
    expires_at  timestamptz NOT NULL,
    CONSTRAINT people_ceremonies_act_when_signed CHECK ((act_bytes IS NULL) = (purpose = 'people.register'))
);
CREATE INDEX people_ceremonies_expires_at ON people_ceremonies (expires_at);

-- The signature counter and the last touch of a key, and what its owner calls it.
CREATE TABLE people_key_uses (
    key_id      uuid PRIMARY KEY REFERENCES people_keys (key_id),
    label       text NOT NULL,
    counter     bigint NOT NULL,
    used_at     timestamptz,
    CONSTRAINT people_key_uses_counter_range CHECK (counter BETWEEN 0 AND 4294967295)
);

GRANT SELECT, INSERT, UPDATE ON people_persons, people_accounts, people_keys, people_founder_codes TO gatehouse_app;
GRANT SELECT, INSERT, UPDATE, DELETE
    ON people_profiles, people_role_facts, people_sessions, people_signins, people_ceremonies, people_key_uses
    TO gatehouse_app;

-- === what GitHub sent

-- The signed bytes as they came, once per GUID. A job reads them later; `outcome` says what came of it.
CREATE TABLE github_deliveries (
    guid        text PRIMARY KEY,
    event       text NOT NULL,
    body        bytea NOT NULL,
    received_at timestamptz NOT NULL DEFAULT gatehouse_now(),
    outcome     text,
    CONSTRAINT github_deliveries_guid_form CHECK (guid ~ '^[0-9A-Za-z-]{1,64}$'),
    CONSTRAINT github_deliveries_event_form CHECK (event ~ '^[a-z_]{1,64}$')
);
GRANT SELECT, INSERT, UPDATE ON github_deliveries TO gatehouse_app;

-- === changes

-- The last number given in each year; locked by whoever opens a change, so numbers have no gaps.
CREATE TABLE changes_numbers (
    year        integer PRIMARY KEY,
    last        bigint NOT NULL
);

CREATE TABLE changes_changes (
    number         text PRIMARY KEY,
    repository_id  bigint NOT NULL,
    run_id         bigint NOT NULL,
    attempt        bigint NOT NULL,
    environment    text NOT NULL,
    service        text NOT NULL,
    state          text NOT NULL,
    subject_digest text NOT NULL,
    requirement    jsonb NOT NULL,
    opened_at      timestamptz NOT NULL,
    ended_at       timestamptz,
    answered_at    timestamptz,
    CONSTRAINT changes_changes_one_per_attempt UNIQUE (repository_id, run_id, attempt, environment),
    CONSTRAINT changes_changes_state_word
        CHECK (state IN ('held', 'executing', 'released', 'closed', 'expired', 'superseded', 'cancelled'))
);
CREATE INDEX changes_changes_state ON changes_changes (state, number);
CREATE INDEX changes_changes_service ON changes_changes (service, number);

-- Every subject that a change ever had; the newest is the one that changes_changes names.
CREATE TABLE changes_subjects (
    number        text NOT NULL REFERENCES changes_changes (number),
    digest        text NOT NULL,
    body          bytea NOT NULL,                  -- the canonical bytes that the digest is of
    contributors  jsonb NOT NULL,
    rollback_plan jsonb NOT NULL,
    expires_at    timestamptz NOT NULL,
    made_at       timestamptz NOT NULL,
    CONSTRAINT changes_subjects_pkey PRIMARY KEY (number, digest),
    CONSTRAINT changes_subjects_digest_of CHECK (digest = encode(sha256(body), 'hex'))
);
CREATE INDEX changes_subjects_expires_at ON changes_subjects (expires_at);

CREATE TABLE changes_approvals (
    entry_id       uuid PRIMARY KEY,               -- the entry that records it, and the whole proof
    number         text NOT NULL REFERENCES changes_changes (number),
    person         text NOT NULL,
    decision       text NOT NULL,
    subject_digest text NOT NULL,
    key_id         uuid NOT NULL,
    proof          jsonb NOT NULL,
    signed_at      timestamptz NOT NULL,
    fell_because   text,
    CONSTRAINT changes_approvals_decision_word CHECK (decision IN ('approve', 'reject'))
);
CREATE INDEX changes_approvals_number ON changes_approvals (number, signed_at);
-- One person, one standing decision of a kind on one subject (ATK-20): the database says so too.
CREATE UNIQUE INDEX changes_approvals_one_standing
    ON changes_approvals (number, subject_digest, person, decision) WHERE fell_because IS NULL;

-- What was read from outside for showing: titles, files, commits, verdicts. A cache; nothing is decided on it.
CREATE TABLE changes_readings (
    number      text PRIMARY KEY REFERENCES changes_changes (number),
    reading     jsonb NOT NULL,
    read_at     timestamptz NOT NULL
);

-- An answer that was sent to GitHub and whose fate is not recorded yet: after a crash it tells "sent" from "never sent".
CREATE TABLE changes_answers (
    number       text PRIMARY KEY REFERENCES changes_changes (number),
    attempted_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, DELETE ON changes_answers TO gatehouse_app;

GRANT SELECT, INSERT, UPDATE ON changes_numbers, changes_changes, changes_subjects, changes_approvals, changes_readings
    TO gatehouse_app;
