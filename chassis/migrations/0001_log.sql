-- The log: one table of events, one row that heads it, one function that appends.
-- Owned by the service's owner role; the service itself may read, and append through the function, and nothing else.

CREATE SCHEMA log;

-- Whoever appends locks this row until commit. So positions and numbers have no gaps and are in commit order,
-- and a reader by position can never skip an event (ADR-0001).
CREATE TABLE log.head (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    log_id   uuid   NOT NULL DEFAULT gen_random_uuid(),
    position bigint NOT NULL DEFAULT 0,
    number   bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 10);
INSERT INTO log.head DEFAULT VALUES;

CREATE TABLE log.events (
    position       bigint      PRIMARY KEY,
    stream         text        NOT NULL,
    version        bigint      NOT NULL,
    event_id       uuid        NOT NULL,
    type           text        NOT NULL,
    schema_version integer     NOT NULL,
    data           json        NOT NULL,
    metadata       json        NOT NULL,
    recorded_at    timestamptz NOT NULL,
    number         bigint,
    subject        text,
    about          text,
    shared         text,
    CONSTRAINT a_version_of_a_stream_is_taken_once UNIQUE (stream, version),
    CONSTRAINT an_event_id_is_stored_once UNIQUE (event_id),
    CONSTRAINT a_number_has_a_shared_body
        CHECK (num_nulls(number, subject, about, shared) IN (0, 4))
);
CREATE UNIQUE INDEX events_by_number ON log.events (number) WHERE number IS NOT NULL;

-- Stores a group of appends in one statement; each is accepted or refused on its own.
--
-- In:  a_stream, a_expected: one entry an append (expected NULL: whatever is there); a stream stands in a group once.
--      e_*: one entry an event, in order; e_append is the 1-based index of its append.
-- Out: a row an append, in order. outcome: 'appended' | 'conflict' | 'repeated'; log_position: of the append's last
--      event; known: the event ids that were stored already.
--
-- READ COMMITTED, and the lock comes first in a statement of its own: the later statements then see everything
-- that was committed while this call waited. As one CTE, or under REPEATABLE READ, a retry that waits for the lock
-- would decide on a stale snapshot.
CREATE FUNCTION log.append(
    a_stream text[], a_expected bigint[],
    e_append integer[], e_id uuid[], e_type text[], e_schema_version integer[], e_data json[], e_metadata json[],
    e_subject text[], e_about text[], e_shared text[]
) RETURNS TABLE (outcome text, log_position bigint, known uuid[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = log, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    head      log.head%ROWTYPE;
    versions  bigint[];
    outcomes  text[];
    stored    bigint;
    published bigint;
BEGIN
    SELECT * INTO head FROM log.head FOR UPDATE;

    SELECT array_agg(current.version ORDER BY append.ordinal),
           array_agg(CASE
               WHEN EXISTS (
                   SELECT FROM unnest(e_append, e_id) AS mine(append, id)
                   JOIN log.events ON events.event_id = mine.id
                   WHERE mine.append = append.ordinal
               ) THEN 'repeated'
               WHEN append.expected <> current.version THEN 'conflict'
               ELSE 'appended'
           END ORDER BY append.ordinal)
    INTO versions, outcomes
    FROM unnest(a_stream, a_expected) WITH ORDINALITY AS append(stream, expected, ordinal)
    CROSS JOIN LATERAL (
        SELECT coalesce((
            SELECT events.version FROM log.events
            WHERE events.stream = append.stream ORDER BY events.version DESC LIMIT 1
        ), 0) AS version
    ) AS current;

    INSERT INTO log.events (
        position, stream, version, event_id, type, schema_version, data, metadata, recorded_at,
        number, subject, about, shared
    )
    SELECT head.position + row_number() OVER (ORDER BY event.ordinal),
           a_stream[event.append],
           versions[event.append] + row_number() OVER (PARTITION BY event.append ORDER BY event.ordinal),
           event.id, event.type, event.schema_version, event.data, event.metadata, clock_timestamp(),
           CASE WHEN event.shared IS NOT NULL
                THEN head.number + count(event.shared) OVER (ORDER BY event.ordinal ROWS UNBOUNDED PRECEDING)
           END,
           event.subject, event.about, event.shared
    FROM unnest(e_append, e_id, e_type, e_schema_version, e_data, e_metadata, e_subject, e_about, e_shared)
         WITH ORDINALITY
         AS event(append, id, type, schema_version, data, metadata, subject, about, shared, ordinal)
    WHERE outcomes[event.append] = 'appended';

    GET DIAGNOSTICS stored = ROW_COUNT;
    IF stored > 0 THEN
        SELECT count(event.shared) INTO published
        FROM unnest(e_append, e_shared) AS event(append, shared)
        WHERE outcomes[event.append] = 'appended';
        UPDATE log.head SET position = head.position + stored, number = head.number + published;
    END IF;

    RETURN QUERY
    WITH mine AS (
        SELECT event.append AS ordinal,
               count(*) AS total,
               outcomes[event.append] = 'appended' AS accepted
        FROM unnest(e_append) AS event(append)
        GROUP BY event.append
    )
    SELECT outcomes[mine.ordinal],
           head.position + (sum(mine.total) FILTER (WHERE mine.accepted) OVER (ORDER BY mine.ordinal))::bigint,
           CASE WHEN outcomes[mine.ordinal] = 'repeated' THEN (
               SELECT array_agg(events.event_id)
               FROM unnest(e_append, e_id) AS given(append, id) JOIN log.events ON events.event_id = given.id
               WHERE given.append = mine.ordinal
           ) END
    FROM mine
    ORDER BY mine.ordinal;
END
$$;

-- A log restored from a backup is another log: its readers must notice. Called by the owner after a restore.
CREATE FUNCTION log.begin_incarnation() RETURNS uuid
LANGUAGE sql SET search_path = log, pg_temp
AS $$ UPDATE log.head SET log_id = gen_random_uuid() RETURNING log_id $$;

REVOKE ALL ON FUNCTION log.append, log.begin_incarnation FROM PUBLIC;
GRANT USAGE ON SCHEMA log TO :"service";
GRANT SELECT ON log.events, log.head TO :"service";
GRANT EXECUTE ON FUNCTION log.append TO :"service";
