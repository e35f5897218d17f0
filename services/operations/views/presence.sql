-- Folds who came and went in a run of events, in one statement.
-- $1-$5   what was said of a zone and a person, who stand there once: when they came, if that was said first; when they
--         left for the first time; since when they are inside at the end. Null: they did not, or are not
-- $6-$9   visits that began and ended within the run after somebody had left: zone_id, person_id, since, until
-- $10-$11 people without a name: zone_id, how many more (or fewer); a zone stands there once
-- $12-$14 the same, an entry each time it was said: when, zone_id, how many
-- Each part sees the tables as they were before; but whoever left is gone before anybody comes.
WITH said AS MATERIALIZED (
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[])
        AS said (zone_id, person_id, came_at, left_at, since)
), gone AS (
    DELETE FROM presence USING said
    WHERE presence.zone_id = said.zone_id AND presence.person_id = said.person_id AND left_at IS NOT NULL
    RETURNING presence.zone_id, presence.person_id, presence.since
), ended AS (
    INSERT INTO visits (zone_id, person_id, since, until)
    SELECT zone_id, person_id, coalesce(gone.since, came_at), left_at
    FROM said LEFT JOIN gone USING (zone_id, person_id)
    WHERE left_at IS NOT NULL AND coalesce(gone.since, came_at) IS NOT NULL
    UNION ALL
    SELECT * FROM unnest($6::text[], $7::uuid[], $8::timestamptz[], $9::timestamptz[])
), come AS (
    INSERT INTO presence (zone_id, person_id, since)
    SELECT zone_id, person_id, since FROM said WHERE since IS NOT NULL AND (SELECT count(*) FROM gone) >= 0
    ON CONFLICT DO NOTHING -- somebody who is inside already
), counted AS (
    INSERT INTO counted (at, zone_id, people) SELECT * FROM unnest($12::timestamptz[], $13::text[], $14::integer[])
)
INSERT INTO unidentified AS known (zone_id, people)
SELECT * FROM unnest($10::text[], $11::integer[])
ON CONFLICT (zone_id) DO UPDATE SET people = known.people + excluded.people
