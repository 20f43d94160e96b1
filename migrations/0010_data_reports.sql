-- What happens to people's data, in words, as it stood beside what was signed.
--
-- Bookkeeping: what is governed is the digest, which the entry that says who must sign names. Bytes that are kept under
-- a digest and are others are no report, and the page says that it is lost.
CREATE TABLE changes_data_reports (
    digest   text PRIMARY KEY,
    body     bytea NOT NULL,
    made_at  timestamptz NOT NULL DEFAULT gatehouse_now(),
    CONSTRAINT changes_data_reports_digest_form CHECK (digest ~ '^[0-9a-f]{64}$'),
    CONSTRAINT changes_data_reports_digest_is_its CHECK (digest = encode(sha256(body), 'hex'))
);
GRANT SELECT, INSERT ON changes_data_reports TO gatehouse_app;
