-- Folds a run of scans in one statement.
-- $1-$6   the scans, an entry each: number, scan_id, decided_at, gate_id, outcome, reason
-- $7-$9   what the run did to presence: zone_id, person_id, and whether the person is in the zone after it;
--         a zone and a person stand there once
-- $10-$11 people without a name: zone_id, how many more (or fewer); a zone stands there once
-- Each part sees the tables as they were before, and no two parts write the same row.
WITH scan AS MATERIALIZED (
    SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::timestamptz[], $4::text[], $5::text[], $6::text[])
        AS scan (number, scan_id, decided_at, gate_id, outcome, reason)
), recorded AS (
    INSERT INTO scans (number, scan_id) SELECT number, scan_id FROM scan
), by_second AS (
    INSERT INTO seconds AS known (second, admitted, refused, exited)
    SELECT date_trunc('second', decided_at),
           count(*) FILTER (WHERE outcome = 'admitted'),
           count(*) FILTER (WHERE outcome = 'refused'),
           count(*) FILTER (WHERE outcome = 'exited')
    FROM scan GROUP BY 1
    ON CONFLICT (second) DO UPDATE SET
        admitted = known.admitted + excluded.admitted,
        refused = known.refused + excluded.refused,
        exited = known.exited + excluded.exited
), by_minute AS (
    INSERT INTO minutes AS known (minute, outcome, reason, scans)
    SELECT date_trunc('minute', decided_at), outcome, coalesce(reason, ''), count(*) FROM scan GROUP BY 1, 2, 3
    ON CONFLICT (minute, outcome, reason) DO UPDATE SET scans = known.scans + excluded.scans
), by_outcome AS (
    INSERT INTO outcomes AS known (outcome, reason, scans)
    SELECT outcome, coalesce(reason, ''), count(*) FROM scan GROUP BY 1, 2
    ON CONFLICT (outcome, reason) DO UPDATE SET scans = known.scans + excluded.scans
), by_gate AS (
    INSERT INTO sightings AS known (gate_id, decided_at, arrived_at)
    SELECT gate_id, max(decided_at), now() FROM scan GROUP BY 1
    ON CONFLICT (gate_id) DO UPDATE SET
        decided_at = greatest(known.decided_at, excluded.decided_at), arrived_at = excluded.arrived_at
), moved AS MATERIALIZED (
    SELECT * FROM unnest($7::text[], $8::uuid[], $9::boolean[]) AS moved (zone_id, person_id, is_inside)
), gone AS (
    DELETE FROM presence USING moved
    WHERE presence.zone_id = moved.zone_id AND presence.person_id = moved.person_id AND NOT moved.is_inside
), come AS (
    INSERT INTO presence (zone_id, person_id) SELECT zone_id, person_id FROM moved WHERE is_inside
    ON CONFLICT DO NOTHING
)
INSERT INTO unidentified AS known (zone_id, people)
SELECT * FROM unnest($10::text[], $11::integer[])
ON CONFLICT (zone_id) DO UPDATE SET people = known.people + excluded.people
