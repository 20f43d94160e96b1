-- What became of a run that was held and that GitHub does not wait for any more: changes.run_gone.
ALTER TABLE changes_changes ADD COLUMN gone text
    CONSTRAINT changes_changes_gone_word CHECK (gone IN ('ended', 'released_in_our_name', 'released_by_others'));
-- For the notice on every page.
CREATE INDEX changes_changes_released_elsewhere ON changes_changes (ended_at) WHERE gone <> 'ended';
