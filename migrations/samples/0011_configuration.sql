-- A configuration that was adopted, its bytes, what a policy was told, and a change of the rules that waits.
INSERT INTO policy_documents (digest, governed, policy, seen_at) VALUES
    (encode(sha256('{"sample":"1"}'), 'hex'), '{"sample":"1"}', '{"rules":{},"tests":{},"data":{}}', '2026-11-22T08:00:00Z');
INSERT INTO policy_configurations (n, digest, entry_id, number, since) VALUES
    (1, encode(sha256('{"sample":"1"}'), 'hex'), '01939c00-0000-7000-8000-000000001101', NULL, '2026-11-22T08:00:00Z');
INSERT INTO policy_inputs (digest, input, told_at) VALUES
    (encode(sha256('{"schema":"gatehouse.policy.input/v1"}'), 'hex'), '{"schema":"gatehouse.policy.input/v1"}', '2026-11-22T08:00:00Z');
INSERT INTO changes_changes
    (number, repository_id, run_id, attempt, environment, service, state, subject_digest, requirement, opened_at, proposal_base, proposal_digest)
VALUES ('CHG-2026-001101', 0, 0, 2026001101, 'configuration', 'gatehouse', 'held', repeat('a', 64),
    '{"policy":"the-rules-themselves/v1","seats":[]}', '2026-11-22T08:00:00Z',
    encode(sha256('{"sample":"1"}'), 'hex'), repeat('b', 64));
