//! The portal's own statements for an approval, in the order in which they are first made.

pub(super) const TAKE_CEREMONY: &str = "DELETE FROM people_ceremonies WHERE ceremony_id = $1
     RETURNING person, session_id, purpose, act_bytes, state, context, expires_at > gatehouse_now() AS is_live";
pub(super) const LOCK_SESSION: &str =
    "SELECT pg_advisory_xact_lock_shared(hashtextextended('people.session/' || $1, 0))";
pub(super) const HOLD_SESSION: &str = "SELECT 1 FROM people_sessions WHERE session_id = $1 AND ended_at IS NULL";
pub(super) const LOCK_CHANGE: &str = "SELECT 1 FROM changes_changes WHERE number = $1 FOR UPDATE";
pub(super) const CHANGE_LOCKED: &str =
    "SELECT c.number, c.repository_id, c.run_id, c.attempt, c.environment, c.state, c.subject_digest,
         c.requirement, s.body, s.contributors, s.rollback_plan
     FROM changes_changes c JOIN changes_subjects s ON s.number = c.number AND s.digest = c.subject_digest
     WHERE c.number = $1 FOR UPDATE OF c";
pub(super) const APPROVALS: &str =
    "SELECT person, decision, subject_digest, key_id, session_id, signed_at, fell_because
     FROM changes_approvals WHERE number = $1 ORDER BY signed_at, entry_id";
pub(super) const PERSONS: &str =
    "SELECT person FROM people_persons WHERE person = ANY($1) ORDER BY person FOR SHARE OF people_persons";
pub(super) const LOCK_KEY: &str =
    "SELECT k.key_id, u.label, k.credential_id, k.public_key, u.counter, k.enrolled_at, u.used_at,
         k.revoked_at, k.request_id, true AS counts
     FROM people_keys k LEFT JOIN people_requests r USING (request_id) JOIN people_key_uses u USING (key_id)
     WHERE k.person = $1 AND k.credential_id = $2
         AND (k.revoked_at IS NULL AND (k.request_id IS NULL OR coalesce(r.counts_from <= gatehouse_now(), false)))
     FOR SHARE OF k FOR UPDATE OF u";
pub(super) const NOW: &str = "SELECT gatehouse_now()";
pub(super) const SET_USED: &str = "UPDATE people_key_uses SET counter = $2, used_at = $3 WHERE key_id = $1";
pub(super) const ACCOUNTS: &str = "SELECT a.person, a.roles, f.facts_at
     FROM people_accounts a LEFT JOIN people_role_facts f USING (account)
     WHERE a.person = ANY($1) ORDER BY a.account FOR SHARE OF a";
pub(super) const KEYS: &str =
    "SELECT k.person, k.key_id FROM people_keys k LEFT JOIN people_requests r USING (request_id)
     WHERE k.person = ANY($1)
         AND (k.revoked_at IS NULL AND (k.request_id IS NULL OR coalesce(r.counts_from <= gatehouse_now(), false)))
     ORDER BY k.key_id FOR SHARE OF k";
pub(super) const STANDING_ROLES: &str =
    "SELECT request_id, person, role, coalesce(counts_from <= gatehouse_now(), false) AND ended_at IS NULL AS counts,
         ended_at IS NOT NULL AS refused
     FROM people_requests
     WHERE kind = 'role' AND (ended_at IS NULL OR ended_because = 'refused')
       AND ($1::text[] IS NULL OR person = ANY($1))
     ORDER BY asked_at, request_id";
pub(super) const PERSON_KEY: &str = "SELECT wrapped FROM audit_person_keys WHERE owner = $1";
pub(super) const PLACE: &str = "SELECT pg_current_xact_id()::text AS xid,
         (SELECT coalesce(max(ord) + 1, 0) FROM audit_entries WHERE xid = pg_current_xact_id()) AS ord";
pub(super) const INSERT_ENTRY: &str =
    "INSERT INTO audit_entries (id, xid, ord, at, body, leaf_hash, act, actor, about_kind, about_id)
     VALUES ($1, $2::text::xid8, $3, $4, $5, $6, $7, $8, $9, $10)";
pub(super) const INSERT_APPROVAL: &str = "INSERT INTO changes_approvals
         (entry_id, number, person, decision, subject_digest, key_id, proof, signed_at, session_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
pub(super) const ADD_JOB: &str = "SELECT jobs.add_job($1, $2::json, queue_name := $3, job_key := $4)";
pub(super) const CHANGE: &str =
    "SELECT c.number, c.repository_id, c.run_id, c.attempt, c.environment, c.state, c.subject_digest,
         c.requirement, s.body, s.contributors, s.rollback_plan
     FROM changes_changes c JOIN changes_subjects s ON s.number = c.number AND s.digest = c.subject_digest
     WHERE c.number = $1";
