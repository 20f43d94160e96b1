-- Incidents, and the emergency lane that a P1 opens.

-- Governed: alerts.incident_declared and what follows it. Severity, place and services never change.
CREATE TABLE alerts_incidents (
    incident_id  uuid PRIMARY KEY,
    severity     text NOT NULL,
    environment  text NOT NULL,
    services     text[] NOT NULL,
    title        jsonb NOT NULL,                   -- sealed, as in the entry
    declared_by  text NOT NULL,
    declared_at  timestamptz NOT NULL,
    confirmed_by text,
    confirmed_at timestamptz,
    closed_by    text,
    closed_at    timestamptz,
    CONSTRAINT alerts_incidents_severity_word CHECK (severity IN ('p1', 'p2', 'p3')),
    CONSTRAINT alerts_incidents_services_some CHECK (cardinality(services) > 0),
    -- One person is one person: the database says so too.
    CONSTRAINT alerts_incidents_confirmed_by_another CHECK (confirmed_by <> declared_by),
    CONSTRAINT alerts_incidents_confirmed_whole CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL)),
    CONSTRAINT alerts_incidents_closed_whole CHECK ((closed_by IS NULL) = (closed_at IS NULL))
);
CREATE INDEX alerts_incidents_declared_at ON alerts_incidents (declared_at);
CREATE INDEX alerts_incidents_open ON alerts_incidents (severity) WHERE closed_at IS NULL;

-- Who looked at it afterwards, and what they wrote.
CREATE TABLE alerts_reviews (
    entry_id    uuid PRIMARY KEY,
    incident_id uuid NOT NULL REFERENCES alerts_incidents (incident_id),
    person      text NOT NULL,
    review      jsonb NOT NULL,
    signed_at   timestamptz NOT NULL,
    CONSTRAINT alerts_reviews_one_each UNIQUE (incident_id, person)
);

-- Which P1 was attached to which subject of a change, by whom.
CREATE TABLE changes_emergencies (
    entry_id       uuid PRIMARY KEY,
    number         text NOT NULL REFERENCES changes_changes (number),
    subject_digest text NOT NULL,
    incident_id    uuid NOT NULL REFERENCES alerts_incidents (incident_id),
    person         text NOT NULL,
    key_id         uuid NOT NULL,
    attached_at    timestamptz NOT NULL
);
CREATE INDEX changes_emergencies_number ON changes_emergencies (number, attached_at);

-- Proof that is owed since a release without it.
CREATE TABLE changes_debts (
    number       text PRIMARY KEY REFERENCES changes_changes (number),
    service      text NOT NULL,
    environment  text NOT NULL,
    image_digest text,
    incident_id  uuid NOT NULL,
    attached_by  text NOT NULL,
    opened_at    timestamptz NOT NULL,
    due_at       timestamptz NOT NULL,
    paid_at      timestamptz,
    paid_by      jsonb,
    CONSTRAINT changes_debts_paid_whole CHECK ((paid_at IS NULL) = (paid_by IS NULL))
);
CREATE INDEX changes_debts_unpaid ON changes_debts (service, environment) WHERE paid_at IS NULL;

GRANT SELECT, INSERT, UPDATE ON alerts_incidents, changes_debts TO gatehouse_app;
GRANT SELECT, INSERT ON alerts_reviews, changes_emergencies TO gatehouse_app;
