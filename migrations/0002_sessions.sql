-- An approval names the session that it was given through, so that it falls when that session was stolen.
--
-- No foreign key: sessions are bookkeeping and go after four days, an approval and its entry stay. Approvals
-- from before this migration have none.
ALTER TABLE changes_approvals ADD COLUMN session_id uuid;
CREATE INDEX changes_approvals_session ON changes_approvals (session_id) WHERE fell_because IS NULL;
