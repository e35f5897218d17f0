-- The live view: what three services told, as rows that add up quickly.
-- The same events make the same rows, in whatever runs they came; what is real time says so.

-- Who may come (accreditation).

CREATE TABLE delegations (
    delegation_id text    PRIMARY KEY,
    kind          text    NOT NULL,
    confirmed     boolean NOT NULL
);

CREATE TABLE nominations (
    nomination_id uuid PRIMARY KEY,
    decision      text NOT NULL -- pending, granted, refused
);

CREATE TABLE badges (
    badge_id  uuid    PRIMARY KEY,
    holding   text    NOT NULL, -- issued, active, lost
    suspended boolean NOT NULL,
    revoked   boolean NOT NULL
);

-- The venue (access).

CREATE TABLE venues (
    venue_id       text    PRIMARY KEY,
    threat_level   integer NOT NULL DEFAULT 0,
    threat_reason  text    NOT NULL DEFAULT '',
    policy_version bigint  -- that was applied last, as a whole
);

CREATE TABLE zones (
    zone_id        text    PRIMARY KEY,
    venue_id       text    NOT NULL,
    names          json    NOT NULL,
    parent_id      text,
    capacity       integer,
    zone_class     text    NOT NULL,
    defined_by     bigint  NOT NULL, -- number of the first event about it: zones are shown as they were laid out
    is_full        boolean NOT NULL DEFAULT false,
    is_nearly_full boolean NOT NULL DEFAULT false,
    lockdown       text, -- the reason, while one is in force
    evacuation     text  -- as for a lockdown
);

CREATE TABLE gates (
    gate_id      text   PRIMARY KEY,
    venue_id     text   NOT NULL,
    name         text   NOT NULL,
    from_zone_id text,
    to_zone_id   text   NOT NULL,
    state        text   NOT NULL, -- open, closed, out_of_service
    defined_by   bigint NOT NULL -- as for zones
);

-- Scans (access): which were counted, one row an event, and sums of them that are read several times a second.

CREATE TABLE scans (
    number  bigint PRIMARY KEY, -- of the event: an effect that happened twice would be two rows, or an error
    scan_id uuid   NOT NULL     -- by which a rehearsal holds what was counted against what the gates were told
);

CREATE TABLE seconds (
    second   timestamptz PRIMARY KEY,
    admitted integer     NOT NULL,
    refused  integer     NOT NULL,
    exited   integer     NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE minutes (
    minute  timestamptz NOT NULL,
    outcome text        NOT NULL,
    reason  text        NOT NULL, -- '' where there is none
    scans   integer     NOT NULL,
    PRIMARY KEY (minute, outcome, reason)
) WITH (fillfactor = 50);

CREATE TABLE outcomes (
    outcome text   NOT NULL,
    reason  text   NOT NULL, -- '' where there is none
    scans   bigint NOT NULL,
    PRIMARY KEY (outcome, reason)
) WITH (fillfactor = 10); -- a few rows, written all the time: room for their next versions beside them

CREATE TABLE sightings (
    gate_id    text        PRIMARY KEY,
    decided_at timestamptz NOT NULL, -- of the gate's last scan, by the clock of the gathering
    arrived_at timestamptz NOT NULL  -- when we heard of it, real time
) WITH (fillfactor = 10);

-- Who is inside (access).

CREATE TABLE presence (
    zone_id   text NOT NULL,
    person_id uuid NOT NULL,
    PRIMARY KEY (zone_id, person_id)
);

CREATE TABLE unidentified (
    zone_id text    PRIMARY KEY,
    people  integer NOT NULL -- counted in without a name, less those counted out without one; may be negative
) WITH (fillfactor = 10);

-- Notices (notifications): one row an event.

CREATE TABLE notices (
    number    bigint PRIMARY KEY,
    notice_id uuid   NOT NULL,
    template  text   NOT NULL,
    outcome   text   NOT NULL -- sent, failed
);
