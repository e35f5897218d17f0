-- Browsers that are signed in. What lies here opens nothing: a row is found by one value made from the cookie's secret
-- and opened by another, and the secret is in the browser alone.

CREATE SCHEMA sessions;

CREATE TABLE sessions.open (
    session_id bytea       PRIMARY KEY,
    sealed     bytea       NOT NULL,  -- the person's tokens
    seen_at    timestamptz NOT NULL DEFAULT now(),
    ends_at    timestamptz NOT NULL
);
CREATE INDEX open_by_end ON sessions.open (ends_at);

GRANT USAGE ON SCHEMA sessions TO :"service";
GRANT SELECT, INSERT, DELETE ON sessions.open TO :"service";
GRANT UPDATE (sealed, seen_at) ON sessions.open TO :"service";  -- a session is never made longer
