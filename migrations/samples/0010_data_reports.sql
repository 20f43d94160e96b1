INSERT INTO changes_data_reports (digest, body, made_at)
    VALUES (encode(sha256('{"schema":"gatehouse.data/v1"}'), 'hex'), '{"schema":"gatehouse.data/v1"}', '2026-11-22T12:00:00Z');
