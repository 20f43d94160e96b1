-- A run that waits in its second attempt, one that is over, and a repository that could not be read since.
INSERT INTO pipelines_runs (run_id, attempt, repository_id, service, branch, head_sha, title, event, actor, phase, outcome, state, created_at, started_at, updated_at, busy_seconds, settled) VALUES
    (1601, 2, 7001, 'score-api', 'main', repeat('a', 40), 'Tighten lender rate limit', 'push', 'rohandas', 2, NULL, 'waiting',
     '2026-11-23T05:00:00Z', '2026-11-23T05:20:00Z', '2026-11-23T05:32:00Z', 720, false),
    (1602, 1, 7001, 'score-api', '', repeat('b', 40), '', 'workflow_dispatch', 'viyer', 3, 'success', 'success',
     '2026-11-22T05:00:00Z', '2026-11-22T05:00:00Z', '2026-11-22T06:00:00Z', 900, true);
INSERT INTO pipelines_jobs (run_id, attempt, job_id, name, phase, outcome, started_at, completed_at, steps) VALUES
    (1601, 2, 1603, 'commit', 3, 'success', '2026-11-23T05:20:00Z', '2026-11-23T05:22:00Z',
     '[{"number":1,"name":"unit tests","phase":"completed","outcome":"success","started_at":null,"completed_at":null}]'),
    (1601, 2, 1604, 'production', 1, NULL, '2026-11-23T05:32:00Z', NULL, '[]');
INSERT INTO pipelines_readings (repository_id, read_at, is_filled, trouble) VALUES
    (7001, '2026-11-23T05:33:00Z', true, 'GitHub asks us to wait.');
UPDATE pipelines_moves SET moved = 2;
