-- The lane: stops that people signed, and which newer change a person ended an older one for.

-- Governed: changes.line_stopped, changes.stop_lifted. Read in the transaction that executes.
CREATE TABLE changes_stops (
    stop_id     uuid PRIMARY KEY,
    environment text NOT NULL,
    person      text NOT NULL,
    stopped_at  timestamptz NOT NULL,
    until       timestamptz,                       -- null: until somebody lifts it
    why         jsonb NOT NULL,                    -- sealed, as in the entry
    lifted_at   timestamptz,
    lifted_by   text,
    CONSTRAINT changes_stops_until_later CHECK (until > stopped_at),
    CONSTRAINT changes_stops_lifted_by_somebody CHECK ((lifted_at IS NULL) = (lifted_by IS NULL))
);
CREATE INDEX changes_stops_standing ON changes_stops (environment, stopped_at) WHERE lifted_at IS NULL;
CREATE INDEX changes_stops_stopped_at ON changes_stops (stopped_at);
GRANT SELECT, INSERT, UPDATE ON changes_stops TO gatehouse_app;

-- Only a person's signature writes this; GitHub is owed `rejected` for such a change, and nothing for one that a newer
-- attempt of its own run superseded.
ALTER TABLE changes_changes ADD COLUMN overtaken_by text REFERENCES changes_changes (number);
ALTER TABLE changes_changes ADD CONSTRAINT changes_changes_overtaken_is_superseded
    CHECK (overtaken_by IS NULL OR state = 'superseded');
-- Who is before whom: few rows, and asked for by every page that shows a held change.
CREATE INDEX changes_changes_lane ON changes_changes (service, environment, number) WHERE state IN ('held', 'executing');
