-- Somebody who could sign has looked at the change that waits.
INSERT INTO changes_looks (number, subject_digest, person, first_at)
SELECT number, subject_digest, 'E-1001', '2026-11-23T09:04:00Z' FROM changes_changes WHERE number = 'CHG-2026-000002';
