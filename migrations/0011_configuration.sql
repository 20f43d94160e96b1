-- The rules in force: which configuration, since which entry, and every one before it.

-- Governed: policy.adopted, policy.came_into_force. The last row is what is in force; nothing is ever taken back.
CREATE TABLE policy_configurations (
    n         bigint PRIMARY KEY,                  -- 1, 2, 3 … in the order of the log
    digest    text NOT NULL,                       -- SHA-256 of the governed bytes
    entry_id  uuid NOT NULL UNIQUE,                -- the entry that says so
    number    text,                                -- the change that everybody signed; null where it was adopted
    since     timestamptz NOT NULL,
    CONSTRAINT policy_configurations_digest_form CHECK (digest ~ '^[0-9a-f]{64}$')
);
GRANT SELECT, INSERT ON policy_configurations TO gatehouse_app;

-- What a digest names: the exact governed bytes and the policy's files, of every configuration that some portal's file ever
-- said. They prove themselves, so they are no state; without them a digest could not be read.
CREATE TABLE policy_documents (
    digest    text PRIMARY KEY,
    governed  bytea NOT NULL,
    policy    bytea NOT NULL,                      -- its own digest is in `governed`
    seen_at   timestamptz NOT NULL,
    CONSTRAINT policy_documents_digest_of CHECK (digest = encode(sha256(governed), 'hex')),
    CONSTRAINT policy_documents_size CHECK (octet_length(governed) + octet_length(policy) <= 33554432)
);
GRANT SELECT, INSERT ON policy_documents TO gatehouse_app;

-- What a policy was told, by the digest that decisions record: to ask another policy the same (`gatehouse policy replay`).
CREATE TABLE policy_inputs (
    digest    text PRIMARY KEY,
    input     bytea NOT NULL,
    told_at   timestamptz NOT NULL,
    CONSTRAINT policy_inputs_digest_of CHECK (digest = encode(sha256(input), 'hex'))
);
CREATE INDEX policy_inputs_told_at ON policy_inputs (told_at);
GRANT SELECT, INSERT, DELETE ON policy_inputs TO gatehouse_app;

-- A change of the rules: which configuration is to take the place of which. One that is held proposes it for all.
ALTER TABLE changes_changes
    ADD COLUMN proposal_base text,
    ADD COLUMN proposal_digest text,
    ADD CONSTRAINT changes_changes_proposal_whole CHECK ((proposal_base IS NULL) = (proposal_digest IS NULL)),
    ADD CONSTRAINT changes_changes_proposal_has_no_run CHECK ((proposal_base IS NULL) = (repository_id <> 0));
CREATE UNIQUE INDEX changes_changes_one_per_proposal ON changes_changes (proposal_base, proposal_digest) WHERE state = 'held';
