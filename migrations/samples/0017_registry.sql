-- An image that was released and runs, one that a tag left, and a registry that does not answer.
INSERT INTO pipelines_images (repository, digest, pushed_at, size, scan, scanned_at, findings, released_as, released_at, ran_in, runs_in) VALUES
    ('altscore/score-api', 'sha256:' || repeat('a', 64), '2026-11-22T10:00:00Z', 84000000, 'COMPLETE', '2026-11-22T10:01:00Z', '{"LOW": 1}',
     'CHG-2026-000001', '2026-11-22T12:00:00Z', '{production}', '{production}'),
    ('altscore/score-api', 'sha256:' || repeat('b', 64), '2026-11-22T11:00:00Z', NULL, NULL, NULL, '{}', NULL, NULL, '{}', '{}');
INSERT INTO pipelines_tags (repository, tag, digest, since, until) VALUES
    ('altscore/score-api', 'v1', 'sha256:' || repeat('b', 64), '2026-11-22T11:00:00Z', '2026-11-22T13:00:00Z'),
    ('altscore/score-api', 'v1', 'sha256:' || repeat('a', 64), '2026-11-22T13:00:00Z', NULL);
INSERT INTO pipelines_registry (repository, as_of, trouble) VALUES
    ('altscore/score-api', '2026-11-22T13:00:00Z', 'AWS did not answer.');
