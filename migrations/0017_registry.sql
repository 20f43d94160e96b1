-- What is in the registry: a copy, so that its page is there while the registry is not, and a tag that moved is noticed.

-- Bookkeeping, each row what the registry said last; nothing is decided on it.
CREATE TABLE pipelines_images (
    repository  text NOT NULL,
    digest      text NOT NULL,
    pushed_at   timestamptz NOT NULL,
    size        bigint,
    scan        text,                          -- AWS's word for how far its scan is; NULL: there is none
    scanned_at  timestamptz,
    findings    jsonb NOT NULL DEFAULT '{}',   -- severity to count
    released_as text,                          -- the newest change that released it
    released_at timestamptz,
    ran_in      text[] NOT NULL DEFAULT '{}',  -- environments in which it was ever seen to run
    runs_in     text[] NOT NULL DEFAULT '{}',  -- and in which it was when they were last looked at
    gone_at     timestamptz,                   -- when the registry was first without it
    CONSTRAINT pipelines_images_pkey PRIMARY KEY (repository, digest),
    CONSTRAINT pipelines_images_digest_form CHECK (digest ~ '^sha256:[0-9a-f]{64}$')
);
CREATE INDEX pipelines_images_pushed_at ON pipelines_images (pushed_at DESC, digest DESC, repository DESC);

-- Which image a tag names, and which it named before.
CREATE TABLE pipelines_tags (
    repository text NOT NULL,
    tag        text NOT NULL,
    digest     text NOT NULL,
    since      timestamptz NOT NULL,
    until      timestamptz,
    CONSTRAINT pipelines_tags_pkey PRIMARY KEY (repository, tag, digest, since)
);
CREATE UNIQUE INDEX pipelines_tags_now ON pipelines_tags (repository, tag) WHERE until IS NULL;
CREATE INDEX pipelines_tags_digest ON pipelines_tags (repository, digest);

CREATE TABLE pipelines_registry (
    repository text NOT NULL,
    as_of      timestamptz,                    -- when it was last read whole
    trouble    text,                           -- why it could not be read since
    CONSTRAINT pipelines_registry_pkey PRIMARY KEY (repository)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON pipelines_images, pipelines_tags TO gatehouse_app;
GRANT SELECT, INSERT, UPDATE ON pipelines_registry TO gatehouse_app;
