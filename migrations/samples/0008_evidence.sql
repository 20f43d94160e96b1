-- An artifact that was read, and one that is no archive.
INSERT INTO changes_evidence (repository_id, artifact_id, run_id, attempt, name, digest, image_digest, made_at, reports, read_at) VALUES
    (7001, 19542440301, 19542440280, 1, 'evidence-build', repeat('c3', 32), 'sha256:' || repeat('9b', 32), '2026-11-23T08:55:00Z',
     '{"reports": [{"report": {"check": "trivy", "result": "passed", "image": "sha256:9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b", "said": "it found nothing that counts"}, "made_at": "2026-11-23T08:55:00Z"}]}', '2026-11-23T09:00:00Z'),
    (7001, 19542440302, 19542440280, 1, 'evidence-staging', repeat('d4', 32), NULL, NULL, '{"broken": "it is no ZIP that can be read"}', '2026-11-23T09:00:00Z');
