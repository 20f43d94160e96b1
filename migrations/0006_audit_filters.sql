-- The audit page asks for everything that mentions a person, a key or a change, and for a span of time.

-- Whatever an entry is about or names: changes, persons, keys, requests, tokens, its own id; but for who did it. Made from the exact
-- bytes by the database itself, so it can never say another thing than they do. An escaped NUL is left out, because
-- jsonb cannot hold one and an entry must not be refused for it; no name that is filtered by can have one. A backslash
-- that somebody wrote before the letters u0000 is no such thing, and stays.
CREATE FUNCTION audit_mentions_of(body bytea) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog
AS $$
    SELECT coalesce(array_agg(DISTINCT named #>> '{}'), '{}')
    FROM jsonb_path_query(
        regexp_replace(convert_from(body, 'UTF8'), '(?<!\\)((?:\\\\)*)\\u0000', '\1', 'g')::jsonb - 'actor',
        'strict $.** ? (@.type() == "object").keyvalue()
            ? (@.key == "number" || @.key == "person" || @.key == "endorser" || @.key == "by" || @.key == "key"
                || @.key == "request" || @.key == "token" || @.key == "session" || @.key == "id").value
            ? (@.type() == "string")'
    ) AS named
$$;

ALTER TABLE audit_entries ADD COLUMN mentions text[] NOT NULL GENERATED ALWAYS AS (audit_mentions_of(body)) STORED;
CREATE INDEX audit_entries_mentions ON audit_entries USING gin (mentions);
CREATE INDEX audit_entries_at ON audit_entries (at, xid, ord);
