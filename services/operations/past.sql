-- The tables of the live view as they stood at the end of a minute, in a schema that only its transaction ever sees.
-- ``placet.until`` says when the next minute began.

-- Folded anew by the fold itself, from what was told.

CREATE TABLE venues (LIKE live.venues INCLUDING DEFAULTS INCLUDING INDEXES);
CREATE TABLE zones (LIKE live.zones INCLUDING DEFAULTS INCLUDING INDEXES);
CREATE TABLE gates (LIKE live.gates INCLUDING DEFAULTS INCLUDING INDEXES);
CREATE TABLE devices (LIKE live.devices INCLUDING DEFAULTS INCLUDING INDEXES);
CREATE TABLE sessions (LIKE live.sessions INCLUDING DEFAULTS INCLUDING INDEXES);
CREATE TABLE evacuations (LIKE live.evacuations INCLUDING DEFAULTS INCLUDING INDEXES);
CREATE TABLE mustered (LIKE live.mustered);
CREATE TABLE overrides (LIKE live.overrides);

-- Who may come: what was told last of each. Whose delegation somebody is of does not change.

CREATE VIEW persons AS SELECT * FROM live.persons;

CREATE TABLE delegations AS
SELECT delegation_id, kind, CASE WHEN invited THEN names END AS names, step.confirmed
FROM live.delegations JOIN (
    SELECT delegation_id, bool_or(kind = 'DelegationInvited') AS invited,
           bool_or(kind = 'DelegationConfirmed') AS confirmed
    FROM live.delegation_steps WHERE at < (SELECT current_setting('placet.until')::timestamptz) GROUP BY 1
) AS step USING (delegation_id);

CREATE TABLE nominations AS
SELECT nomination_id, person_id,
       CASE greatest(nominated, granted, refused) WHEN granted THEN 'granted' WHEN refused THEN 'refused' ELSE 'pending'
       END AS decision
FROM live.nominations JOIN (
    SELECT entity,
           max(number) FILTER (WHERE kind = 'DelegateNominated') AS nominated,
           max(number) FILTER (WHERE kind = 'AccreditationGranted') AS granted,
           max(number) FILTER (WHERE kind = 'AccreditationRefused') AS refused
    FROM live.steps
    WHERE kind IN ('DelegateNominated', 'AccreditationGranted', 'AccreditationRefused')
      AND at < (SELECT current_setting('placet.until')::timestamptz)
    GROUP BY 1
) AS step ON entity = nomination_id;

CREATE TABLE badges AS
SELECT badge_id, person_id,
       CASE greatest(issued, activated, lost) WHEN activated THEN 'active' WHEN lost THEN 'lost' ELSE 'issued'
       END AS holding,
       coalesce(step.suspended > coalesce(reinstated, 0), false) AS suspended,
       step.revoked IS NOT NULL AS revoked
FROM live.badges JOIN (
    SELECT entity,
           max(number) FILTER (WHERE kind IN ('BadgeIssued', 'BadgeReplaced')) AS issued,
           max(number) FILTER (WHERE kind = 'BadgeActivated') AS activated,
           max(number) FILTER (WHERE kind = 'BadgeReportedLost') AS lost,
           max(number) FILTER (WHERE kind = 'BadgeSuspended') AS suspended,
           max(number) FILTER (WHERE kind = 'BadgeReinstated') AS reinstated,
           max(number) FILTER (WHERE kind = 'BadgeRevoked') AS revoked
    FROM live.steps
    WHERE kind NOT IN ('DelegateNominated', 'AccreditationGranted', 'AccreditationRefused')
      AND at < (SELECT current_setting('placet.until')::timestamptz)
    GROUP BY 1
) AS step ON entity = badge_id;

CREATE VIEW notices AS
SELECT * FROM live.notices WHERE at < (SELECT current_setting('placet.until')::timestamptz);

-- Who was inside.

CREATE TABLE presence AS
SELECT zone_id, person_id FROM live.visits
WHERE since < (SELECT current_setting('placet.until')::timestamptz)
  AND until >= (SELECT current_setting('placet.until')::timestamptz)
UNION ALL
SELECT zone_id, person_id FROM live.presence WHERE since < (SELECT current_setting('placet.until')::timestamptz);

CREATE VIEW unidentified AS
SELECT zone_id, sum(people)::integer AS people FROM live.counted
WHERE at < (SELECT current_setting('placet.until')::timestamptz) GROUP BY 1;

-- Scans: the sums as they are now, less what was decided by then and came later.

CREATE TABLE unheard AS
SELECT date_trunc('second', decided_at) AS second, date_trunc('minute', decided_at) AS minute, gate_id, outcome,
       coalesce(reason, '') AS reason
FROM live.late JOIN live.scans USING (number)
WHERE told_at >= (SELECT current_setting('placet.until')::timestamptz)
  AND decided_at < (SELECT current_setting('placet.until')::timestamptz);

CREATE VIEW minutes AS
SELECT * FROM (
    SELECT minute, outcome, reason, scans - coalesce(unheard, 0)::integer AS scans
    FROM live.minutes
    LEFT JOIN (SELECT minute, outcome, reason, count(*) AS unheard FROM unheard GROUP BY 1, 2, 3) AS later
        USING (minute, outcome, reason)
    WHERE minute < (SELECT current_setting('placet.until')::timestamptz)
) WHERE scans > 0;

CREATE VIEW outcomes AS SELECT outcome, reason, sum(scans) AS scans FROM minutes GROUP BY 1, 2;

CREATE VIEW seconds AS
SELECT second,
       known.admitted - coalesce(later.admitted, 0)::integer AS admitted,
       known.refused - coalesce(later.refused, 0)::integer AS refused,
       known.exited - coalesce(later.exited, 0)::integer AS exited
FROM live.seconds AS known
LEFT JOIN (
    SELECT second, count(*) FILTER (WHERE outcome = 'admitted') AS admitted,
           count(*) FILTER (WHERE outcome = 'refused') AS refused, count(*) FILTER (WHERE outcome = 'exited') AS exited
    FROM unheard GROUP BY 1
) AS later USING (second)
WHERE second < (SELECT current_setting('placet.until')::timestamptz);

CREATE VIEW gate_minutes AS
SELECT gate_id, minute,
       known.admitted - coalesce(later.admitted, 0)::integer AS admitted,
       known.refused - coalesce(later.refused, 0)::integer AS refused,
       known.exited - coalesce(later.exited, 0)::integer AS exited,
       touched
FROM live.gate_minutes AS known
LEFT JOIN (
    SELECT gate_id, minute, count(*) FILTER (WHERE outcome = 'admitted') AS admitted,
           count(*) FILTER (WHERE outcome = 'refused') AS refused, count(*) FILTER (WHERE outcome = 'exited') AS exited
    FROM unheard GROUP BY 1, 2
) AS later USING (gate_id, minute)
WHERE minute < (SELECT current_setting('placet.until')::timestamptz);

CREATE TABLE seen AS
SELECT gate_id, device_id, max(decided_at) AS decided_at
FROM live.scans LEFT JOIN live.late USING (number)
WHERE decided_at < (SELECT current_setting('placet.until')::timestamptz)
  AND (told_at IS NULL OR told_at < (SELECT current_setting('placet.until')::timestamptz))
GROUP BY 1, 2;

CREATE VIEW sightings AS
SELECT gate_id, max(decided_at) AS decided_at, NULL::timestamptz AS arrived_at FROM seen GROUP BY 1;
