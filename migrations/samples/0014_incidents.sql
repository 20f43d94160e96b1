-- A live P1, one that is closed and reviewed, the change that it let out, and the debt that is still owed.
INSERT INTO alerts_incidents (incident_id, severity, environment, services, title, declared_by, declared_at, confirmed_by, confirmed_at, closed_by, closed_at) VALUES
    ('01939c00-0000-7000-8000-000000001401', 'p1', 'production', '{score-api}', '{"owner":"E-1001","commitment":"00","blob":""}',
     'E-1001', '2026-11-21T09:00:00Z', 'E-1004', '2026-11-21T09:05:00Z', NULL, NULL),
    ('01939c00-0000-7000-8000-000000001402', 'p2', 'production', '{score-api,consent-service}', '{"owner":"E-1001","commitment":"00","blob":""}',
     'E-1001', '2026-11-20T09:00:00Z', NULL, NULL, 'E-1001', '2026-11-20T11:00:00Z');
INSERT INTO alerts_reviews (entry_id, incident_id, person, review, signed_at) VALUES
    ('01939c00-0000-7000-8000-000000001403', '01939c00-0000-7000-8000-000000001402', 'E-1004',
     '{"owner":"E-1004","commitment":"00","blob":""}', '2026-11-20T15:00:00Z');
INSERT INTO changes_emergencies (entry_id, number, subject_digest, incident_id, person, key_id, attached_at) VALUES
    ('01939c00-0000-7000-8000-000000001404', 'CHG-2026-000001', repeat('a', 64), '01939c00-0000-7000-8000-000000001401',
     'E-1003', '01939c00-0000-7000-8000-000000001405', '2026-11-21T09:10:00Z');
INSERT INTO changes_debts (number, service, environment, image_digest, incident_id, attached_by, opened_at, due_at) VALUES
    ('CHG-2026-000001', 'score-api', 'production', NULL, '01939c00-0000-7000-8000-000000001401', 'E-1003',
     '2026-11-21T09:20:00Z', '2026-11-22T09:20:00Z');
