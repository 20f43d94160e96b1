-- Runs and their jobs: a copy of what GitHub says.

-- One row per run, of its newest attempt. `state` and `busy_seconds` follow from the phase and the jobs.
CREATE TABLE pipelines_runs (
    run_id        bigint PRIMARY KEY,
    attempt       bigint NOT NULL,
    repository_id bigint NOT NULL,
    service       text NOT NULL,
    branch        text NOT NULL,                   -- empty where there is none
    head_sha      text NOT NULL,
    title         text NOT NULL,
    event         text NOT NULL,
    actor         text NOT NULL,
    phase         smallint NOT NULL,
    outcome       text,
    state         text NOT NULL,
    created_at    timestamptz NOT NULL,
    started_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    busy_seconds  bigint NOT NULL,
    -- Read whole after it was over: nothing of it can be missing.
    settled       boolean NOT NULL DEFAULT false,
    CONSTRAINT pipelines_runs_phase_known CHECK (phase BETWEEN 0 AND 3),
    CONSTRAINT pipelines_runs_state_word
        CHECK (state IN ('queued', 'waiting', 'running', 'success', 'failure', 'cancelled', 'other'))
);
-- Each list is read from its index, newest first, and no further than a page.
CREATE INDEX pipelines_runs_newest ON pipelines_runs (created_at, run_id);
CREATE INDEX pipelines_runs_service ON pipelines_runs (service, created_at, run_id);
CREATE INDEX pipelines_runs_state ON pipelines_runs (state, created_at, run_id);
CREATE INDEX pipelines_runs_branch ON pipelines_runs (branch, created_at, run_id);
CREATE INDEX pipelines_runs_service_state ON pipelines_runs (service, state, created_at, run_id);
CREATE INDEX pipelines_runs_commit ON pipelines_runs (head_sha text_pattern_ops, created_at, run_id);
CREATE INDEX pipelines_runs_unsettled ON pipelines_runs (repository_id, created_at, run_id) WHERE NOT settled;

-- The jobs of every attempt, with their steps.
CREATE TABLE pipelines_jobs (
    run_id       bigint NOT NULL REFERENCES pipelines_runs (run_id),
    attempt      bigint NOT NULL,
    job_id       bigint NOT NULL,
    name         text NOT NULL,
    phase        smallint NOT NULL,
    outcome      text,
    started_at   timestamptz,
    completed_at timestamptz,
    steps        jsonb NOT NULL,
    PRIMARY KEY (run_id, attempt, job_id),
    CONSTRAINT pipelines_jobs_phase_known CHECK (phase BETWEEN 0 AND 3)
);

-- Up to when each repository's runs were read, and why not since.
CREATE TABLE pipelines_readings (
    repository_id bigint PRIMARY KEY,
    read_at       timestamptz,
    -- The first reading goes back some days; until it is done it goes on where it was.
    is_filled     boolean NOT NULL DEFAULT false,
    trouble       text
);

-- Counts what changed, so that open pages can be told. Whoever changes something counts last, under this row's lock.
CREATE TABLE pipelines_moves (
    one   boolean PRIMARY KEY DEFAULT true CHECK (one),
    moved bigint NOT NULL
);
INSERT INTO pipelines_moves (moved) VALUES (0);

GRANT SELECT, INSERT, UPDATE ON pipelines_runs, pipelines_jobs, pipelines_readings TO gatehouse_app;
GRANT SELECT, UPDATE ON pipelines_moves TO gatehouse_app;
