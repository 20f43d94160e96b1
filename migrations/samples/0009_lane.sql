-- A stop that holds until somebody lifts it, one that ended by itself, one that was lifted, and a change that was ended for another.
INSERT INTO changes_stops (stop_id, environment, person, stopped_at, until, why, lifted_at, lifted_by) VALUES
    ('01939c00-0000-7000-8000-000000000901', 'production', 'E-1004', '2026-11-21T09:00:00Z', NULL,
     '{"owner":"E-1004","commitment":"00","blob":""}', NULL, NULL),
    ('01939c00-0000-7000-8000-000000000902', 'production', 'E-1001', '2026-11-20T09:00:00Z', '2026-11-20T12:00:00Z',
     '{"owner":"E-1001","commitment":"00","blob":""}', NULL, NULL),
    ('01939c00-0000-7000-8000-000000000903', 'production', 'E-1001', '2026-11-19T09:00:00Z', NULL,
     '{"owner":"E-1001","commitment":"00","blob":""}', '2026-11-19T10:00:00Z', 'E-1004');
