-- Rows as they would look under 0003: Nira has a key that counts because two endorsed it, waits with a role, and lost one.
INSERT INTO people_persons (person, first_seen_at) VALUES
    ('S3-1', '2026-11-20T09:00:00Z'), ('S3-2', '2026-11-20T09:00:00Z'), ('S3-3', '2026-11-20T09:00:00Z');

INSERT INTO people_requests (request_id, person, kind, role, body, digest, asked_at, counts_from, ended_at, ended_because)
SELECT id::uuid, 'S3-1', kind, role, body, encode(sha256(body), 'hex'), '2026-11-20T10:00:00Z', counts_from::timestamptz, ended_at::timestamptz, ended_because
FROM (VALUES
    ('0199aa00-0000-7000-8000-000000000301', 'key', NULL, convert_to('{"credential_id":"c2FtcGxlLTMwMy1rZXktb25l","key":"0199aa00-0000-7000-8000-000000000311","kind":"key","person":"S3-1","public_key":{"alg":"EdDSA","x":"0303030303030303030303030303030303030303030303030303030303030303"},"request":"0199aa00-0000-7000-8000-000000000301","roles":["engineer"]}', 'UTF8'), '2026-11-21T12:00:00Z', NULL, NULL),
    ('0199aa00-0000-7000-8000-000000000302', 'role', 'engineer', convert_to('{"kind":"role","person":"S3-1","request":"0199aa00-0000-7000-8000-000000000302","role":"engineer"}', 'UTF8'), NULL, NULL, NULL),
    ('0199aa00-0000-7000-8000-000000000303', 'role', 'oncall', convert_to('{"kind":"role","person":"S3-1","request":"0199aa00-0000-7000-8000-000000000303","role":"oncall"}', 'UTF8'), NULL, '2026-11-21T09:00:00Z', 'lost')
) AS sample (id, kind, role, body, counts_from, ended_at, ended_because);

INSERT INTO people_keys (key_id, person, credential_id, public_key, enrolled_by, request_id, enrolled_at) VALUES
    ('0199aa00-0000-7000-8000-000000000311', 'S3-1', 'c2FtcGxlLTMwMy1rZXktb25l', '{"alg":"EdDSA","x":"0303030303030303030303030303030303030303030303030303030303030303"}', 'request', '0199aa00-0000-7000-8000-000000000301', '2026-11-20T10:00:00Z'),
    ('0199aa00-0000-7000-8000-000000000312', 'S3-2', 'c2FtcGxlLTMwMy1rZXktdHdv', '{"alg":"EdDSA","x":"0404040404040404040404040404040404040404040404040404040404040404"}', 'founder_code', NULL, '2026-11-20T09:30:00Z'),
    ('0199aa00-0000-7000-8000-000000000313', 'S3-3', 'c2FtcGxlLTMwMy1rZXktdHJl', '{"alg":"EdDSA","x":"0505050505050505050505050505050505050505050505050505050505050505"}', 'founder_code', NULL, '2026-11-20T09:40:00Z');
INSERT INTO people_key_uses (key_id, label, counter)
SELECT key_id, 'sample', 0 FROM people_keys WHERE person LIKE 'S3-_';

INSERT INTO people_endorsements (entry_id, request_id, endorser, decision, subject_digest, key_id, proof, signed_at)
SELECT entry::uuid, r.request_id, endorser, 'approve', r.digest, key_id::uuid, '{"sample": "no proof"}', signed_at::timestamptz
FROM people_requests r, (VALUES
    ('0199aa00-0000-7000-8000-000000000321', 'S3-2', '0199aa00-0000-7000-8000-000000000312', '2026-11-20T11:00:00Z'),
    ('0199aa00-0000-7000-8000-000000000322', 'S3-3', '0199aa00-0000-7000-8000-000000000313', '2026-11-20T12:00:00Z')
) AS sample (entry, endorser, key_id, signed_at)
WHERE r.request_id = '0199aa00-0000-7000-8000-000000000301';

INSERT INTO people_refoundings (entry_id, refounded_at) VALUES ('0199aa00-0000-7000-8000-000000000331', '2026-11-20T09:00:00Z');
