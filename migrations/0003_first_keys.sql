-- First keys: what waits for two endorsements and 24 hours before it counts, and the founders' way back in.

-- A request that a key or a role may count. A role's request lives as long as the role is held; a key's is settled
-- once it counts. That it counts is derived: counts_from has come and nothing ended it.
CREATE TABLE people_requests (
    request_id    uuid PRIMARY KEY,
    person        text NOT NULL REFERENCES people_persons (person),
    kind          text NOT NULL,
    role          text,
    body          bytea NOT NULL,                  -- the canonical bytes that endorsers sign the digest of
    digest        text NOT NULL,
    asked_at      timestamptz NOT NULL,
    counts_from   timestamptz,                     -- 24 hours after the last endorsement that was needed
    ended_at      timestamptz,
    ended_because text,
    CONSTRAINT people_requests_kind_word CHECK (kind IN ('key', 'role')),
    CONSTRAINT people_requests_role_of_role CHECK ((kind = 'role') = (role IS NOT NULL)),
    CONSTRAINT people_requests_digest_of CHECK (digest = encode(sha256(body), 'hex')),
    CONSTRAINT people_requests_ended_word CHECK (ended_because IN ('refused', 'withdrawn', 'expired', 'lost')),
    CONSTRAINT people_requests_ended_with_cause CHECK ((ended_at IS NULL) = (ended_because IS NULL))
);
-- One standing request for a role of a person: a role is gained once until it is lost.
CREATE UNIQUE INDEX people_requests_one_role ON people_requests (person, role) WHERE kind = 'role' AND ended_at IS NULL;
CREATE INDEX people_requests_person ON people_requests (person, asked_at);
CREATE INDEX people_requests_open ON people_requests (asked_at) WHERE ended_at IS NULL;

-- Who said yes or no, with the whole proof. One that fell stays, struck out.
CREATE TABLE people_endorsements (
    entry_id       uuid PRIMARY KEY,               -- the entry that records it
    request_id     uuid NOT NULL REFERENCES people_requests (request_id),
    endorser       text NOT NULL REFERENCES people_persons (person),
    decision       text NOT NULL,
    subject_digest text NOT NULL,
    key_id         uuid NOT NULL REFERENCES people_keys (key_id),
    proof          jsonb NOT NULL,
    signed_at      timestamptz NOT NULL,
    fell_at        timestamptz,
    CONSTRAINT people_endorsements_decision_word CHECK (decision IN ('approve', 'reject'))
);
-- One person, one standing word: two of the same hand must never be two.
CREATE UNIQUE INDEX people_endorsements_one_standing
    ON people_endorsements (request_id, endorser, decision) WHERE fell_at IS NULL;
CREATE INDEX people_endorsements_key ON people_endorsements (key_id) WHERE fell_at IS NULL;

-- When all founders were lost and began again; every page tells of it for a week.
CREATE TABLE people_refoundings (
    entry_id     uuid PRIMARY KEY,
    refounded_at timestamptz NOT NULL
);

-- A key with a request counts when its request does; one without counts from its enrolment.
ALTER TABLE people_keys ADD COLUMN request_id uuid REFERENCES people_requests (request_id);
ALTER TABLE people_keys DROP CONSTRAINT people_keys_enrolled_by_word;
ALTER TABLE people_keys ADD CONSTRAINT people_keys_enrolled_by_word
    CHECK (enrolled_by IN ('founder_code', 'demo', 'signature', 'request'));
ALTER TABLE people_keys ADD CONSTRAINT people_keys_request_when_asked
    CHECK ((enrolled_by = 'request') = (request_id IS NOT NULL));
CREATE UNIQUE INDEX people_keys_request ON people_keys (request_id);

GRANT SELECT, INSERT, UPDATE ON people_requests, people_endorsements TO gatehouse_app;
GRANT SELECT, INSERT ON people_refoundings TO gatehouse_app;
