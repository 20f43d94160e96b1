-- What the artifacts of runs said. An archive is fetched once and never kept; this is what was read in it.
CREATE TABLE changes_evidence (
    repository_id bigint NOT NULL,
    artifact_id   bigint NOT NULL,                 -- GitHub's number; its bytes never change
    run_id        bigint NOT NULL,
    attempt       bigint NOT NULL,
    name          text NOT NULL,
    digest        text NOT NULL,                   -- SHA-256 of the archive
    image_digest  text,                            -- of the image that was looked at when it was read
    made_at       timestamptz,                     -- when the run left it
    reports       jsonb NOT NULL,
    read_at       timestamptz NOT NULL,
    CONSTRAINT changes_evidence_pkey PRIMARY KEY (repository_id, artifact_id),
    CONSTRAINT changes_evidence_digest_form CHECK (digest ~ '^[0-9a-f]{64}$')
);
CREATE INDEX changes_evidence_image ON changes_evidence (image_digest, made_at);
GRANT SELECT, INSERT, UPDATE ON changes_evidence TO gatehouse_app;
