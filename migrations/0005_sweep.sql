-- What GitHub says that it delivered is compared with what arrived here.

-- One row: up to when GitHub's own log has nothing left to ask for. Without it, as far back as GitHub keeps it.
CREATE TABLE github_sweeps (
    one_row     boolean PRIMARY KEY DEFAULT true,
    read_until  timestamptz NOT NULL,
    CONSTRAINT github_sweeps_only_one CHECK (one_row)
);
GRANT SELECT, INSERT, UPDATE ON github_sweeps TO gatehouse_app;
