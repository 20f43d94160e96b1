-- A plan that was confirmed, a token that waits, and a version that nobody returns to.
INSERT INTO changes_confirmations (number, plan_digest, person, confirmed_at) VALUES
    ('CHG-2026-000001', repeat('c', 64), 'E-1001', '2026-11-21T08:30:00Z');
INSERT INTO changes_rollback_tokens (number, to_number, subject_digest, minted_at)
    SELECT number, number, digest, '2026-11-21T09:30:00Z' FROM changes_subjects WHERE number = 'CHG-2026-000001' LIMIT 1;
INSERT INTO changes_marks (entry_id, number, service, image_digest, person, why, marked_at) VALUES
    ('01939c00-0000-7000-8000-000000001501', 'CHG-2026-000001', 'score-api', 'sha256:' || repeat('9', 64), 'E-1001',
     '{"owner":"E-1001","commitment":"00","blob":""}', '2026-11-21T10:00:00Z');
