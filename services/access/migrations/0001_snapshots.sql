-- Snapshots of what a venue's gatekeeper knows: they save folding its stream from the beginning. Always discardable.

CREATE SCHEMA snapshots;

CREATE TABLE snapshots.taken (
    snapshot_id bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stream      text        NOT NULL,
    version     bigint      NOT NULL,
    -- The log and the event it ends with: after a restore or a loss they are not the same any more.
    log_id      uuid        NOT NULL,
    event_id    uuid        NOT NULL,
    -- Digest of the code that folded it: another release may fold otherwise.
    code        text        NOT NULL,
    taken_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE snapshots.parts (
    snapshot_id bigint  NOT NULL REFERENCES snapshots.taken ON DELETE CASCADE,
    part        integer NOT NULL,
    content     bytea   NOT NULL,
    PRIMARY KEY (snapshot_id, part)
);
ALTER TABLE snapshots.parts ALTER content SET STORAGE EXTERNAL;  -- it is compressed already

GRANT USAGE ON SCHEMA snapshots TO :"service";
GRANT SELECT, INSERT, DELETE ON snapshots.taken, snapshots.parts TO :"service";

-- Each venue reads accreditation for itself. What was read so far, was read for the one venue that there was.
UPDATE readers.cursors SET reader = 'access-' || substr(first.stream, length('venue-') + 1)
FROM (SELECT stream FROM log.events WHERE stream LIKE 'venue-%' ORDER BY position LIMIT 1) AS first
WHERE reader = 'access';
UPDATE readers.dead_letters SET reader = 'access-' || substr(first.stream, length('venue-') + 1)
FROM (SELECT stream FROM log.events WHERE stream LIKE 'venue-%' ORDER BY position LIMIT 1) AS first
WHERE reader = 'access';
