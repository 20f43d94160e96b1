-- One token that reads, one that was revoked by security, a count of reads, and a request in each of its states.
INSERT INTO people_persons (person, first_seen_at) VALUES ('S-0007', '2026-11-20T08:00:00Z') ON CONFLICT DO NOTHING;
INSERT INTO people_tokens (token_id, person, secret_hash, scopes, issued_at, expires_at, revoked_at, revoked_by) VALUES
    ('01939c00-0000-7000-8000-000000000701', 'S-0007', repeat('a1', 32), '{changes:read,audit:read}',
     '2026-11-20T09:00:00Z', '2027-11-20T09:00:00Z', NULL, NULL),
    ('01939c00-0000-7000-8000-000000000702', 'S-0007', repeat('b2', 32), '{people:read}',
     '2026-11-20T09:05:00Z', '2026-12-20T09:05:00Z', '2026-11-21T10:00:00Z', 'E-1005');
INSERT INTO people_token_uses (token_id, label, used_at) VALUES
    ('01939c00-0000-7000-8000-000000000701', 'release dashboard', '2026-11-21T11:58:00Z'),
    ('01939c00-0000-7000-8000-000000000702', 'tried once', NULL);
INSERT INTO audit_read_counts (reader, minute, count) VALUES
    ('{"kind":"person","id":"S-0007"}', '2026-11-21T12:00:00Z', 3);
INSERT INTO rest_requests (asker, key, fingerprint, began_at, taken_at, entries, status, content_type, body) VALUES
    ('S-0007', 'answered', decode(repeat('01', 32), 'hex'), '2026-11-21T12:00:00Z', NULL,
     '[{"id":"01939c00-0000-7000-8000-000000000703","act":"people.token_issued"}]', 200, 'application/json', '\x7b7d'),
    ('S-0007', 'under-way', decode(repeat('02', 32), 'hex'), '2026-11-21T12:00:01Z', '2026-11-21T12:00:01Z', NULL, NULL, NULL, NULL),
    ('S-0007', 'not-known', decode(repeat('03', 32), 'hex'), '2026-11-21T12:00:02Z', NULL, NULL, NULL, NULL, NULL);
