-- What this migration adds to a database: an approval that names its session, on the change that waits.
INSERT INTO changes_approvals (entry_id, number, person, decision, subject_digest, key_id, proof, signed_at, session_id)
SELECT '01a207a2-3280-7b11-8c55-0b9f6f1d2a01', c.number, 'E-1001', 'approve', c.subject_digest, a.key_id, a.proof,
       c.opened_at + interval '5 minutes', s.session_id
FROM changes_changes c, changes_approvals a, people_sessions s
WHERE c.number = 'CHG-2026-000002' AND a.number = 'CHG-2026-000001' AND a.person = 'E-1001' AND s.person = 'E-1001';
