-- Folds a run of scans in one statement.
-- $1-$10  the scans, an entry each: number, scan_id, decided_at, gate_id, zone_id, direction, outcome, reason,
--         person_id, device_id (null where there was none)
-- $11-$13 the newest policy the scans were decided by: venue_id, minute, version; a venue and a minute stand there once
-- $14-$15 scans put on record in a later minute than they were decided in: number, when
-- Each part sees the tables as they were before, and no two parts write the same row.
WITH scan AS MATERIALIZED (
    SELECT * FROM unnest(
        $1::bigint[], $2::uuid[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
        $9::uuid[], $10::uuid[]
    ) AS scan (number, scan_id, decided_at, gate_id, zone_id, direction, outcome, reason, person_id, device_id)
), recorded AS (
    INSERT INTO scans (number, scan_id, decided_at, gate_id, zone_id, direction, outcome, reason, person_id, device_id)
    SELECT * FROM scan
), recorded_late AS (
    INSERT INTO late (number, told_at) SELECT * FROM unnest($14::bigint[], $15::timestamptz[])
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
), by_gate_and_minute AS (
    INSERT INTO gate_minutes AS known (gate_id, minute, admitted, refused, exited, touched)
    SELECT gate_id,
           date_trunc('minute', decided_at),
           count(*) FILTER (WHERE outcome = 'admitted'),
           count(*) FILTER (WHERE outcome = 'refused'),
           count(*) FILTER (WHERE outcome = 'exited'),
           max(number)
    FROM scan GROUP BY 1, 2
    ON CONFLICT (gate_id, minute) DO UPDATE SET
        admitted = known.admitted + excluded.admitted,
        refused = known.refused + excluded.refused,
        exited = known.exited + excluded.exited,
        touched = greatest(known.touched, excluded.touched)
), by_device AS ( -- to ten seconds, so that a busy scanner is not a row written for every scan
    UPDATE devices SET heard_at = seen.at
    FROM (SELECT device_id, date_bin('10 seconds', max(decided_at), 'epoch') FROM scan GROUP BY 1)
        AS seen (device_id, at)
    WHERE devices.device_id = seen.device_id AND (devices.heard_at < seen.at OR devices.heard_at IS NULL)
), policy AS MATERIALIZED (
    SELECT * FROM unnest($11::text[], $12::timestamptz[], $13::bigint[]) AS seen (venue_id, minute, version)
), by_policy_and_minute AS (
    INSERT INTO policies_seen AS known (venue_id, minute, version) SELECT * FROM policy
    ON CONFLICT (venue_id, minute) DO UPDATE SET version = greatest(known.version, excluded.version)
)
INSERT INTO venues AS known (venue_id, policy_seen)
SELECT venue_id, max(version) FROM policy AS seen
WHERE NOT EXISTS (SELECT FROM venues WHERE venues.venue_id = seen.venue_id AND policy_seen >= version)
GROUP BY 1
ON CONFLICT (venue_id) DO UPDATE SET policy_seen = excluded.policy_seen
