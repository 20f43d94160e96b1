-- The change that waits is one of which GitHub says that somebody else released it.
UPDATE changes_changes SET gone = 'released_by_others' WHERE number = 'CHG-2026-000002';
