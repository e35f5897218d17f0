-- The live view: what three services told, as rows that add up quickly.
-- The same events make the same rows, in whatever runs they came; what is real time says so.

-- Who may come (accreditation).

CREATE TABLE delegations (
    delegation_id text    PRIMARY KEY,
    kind          text    NOT NULL,
    names         json, -- by language; null: it is not known yet how it is called
    confirmed     boolean NOT NULL
);

CREATE TABLE persons (
    person_id     uuid PRIMARY KEY,
    delegation_id text NOT NULL,
    category      text NOT NULL
);
CREATE INDEX persons_of_a_delegation ON persons (delegation_id);

CREATE TABLE nominations (
    nomination_id uuid PRIMARY KEY,
    person_id     uuid NOT NULL,
    decision      text NOT NULL -- pending, granted, refused
);

CREATE TABLE badges (
    badge_id  uuid    PRIMARY KEY,
    person_id uuid    NOT NULL,
    version   integer NOT NULL, -- the latest, which is the only one that can open a gate
    holding   text    NOT NULL, -- issued, active, lost
    suspended boolean NOT NULL,
    revoked   boolean NOT NULL
);
CREATE INDEX badges_of_a_person ON badges (person_id);

-- The venue (access).

CREATE TABLE venues (
    venue_id       text    PRIMARY KEY,
    threat_level   integer NOT NULL DEFAULT 0,
    threat_reason  text    NOT NULL DEFAULT '',
    policy_version bigint, -- that was applied last, as a whole
    threat_since   timestamptz, -- null: it was never set
    policy_seen    bigint, -- the newest a scan was decided by
    revocation_version bigint -- the newest list that came as far as it comes
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
    lockdown_since timestamptz,
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

-- Scans (access): each that was counted, one row an event, and sums of them that are read several times a second.

CREATE TABLE scans (
    number     bigint      PRIMARY KEY, -- of the event: an effect that happened twice would be two rows, or an error
    scan_id    uuid        NOT NULL,    -- by which a rehearsal holds what was counted against what the gates were told
    decided_at timestamptz NOT NULL,
    gate_id    text        NOT NULL,
    zone_id    text        NOT NULL,    -- behind the gate
    direction  text        NOT NULL,
    outcome    text        NOT NULL,
    reason     text,
    person_id  uuid,                    -- null where nobody could be told
    device_id  uuid
);
CREATE INDEX scans_of_a_person ON scans (person_id, decided_at) WHERE person_id IS NOT NULL;

CREATE TABLE undone (
    scan_id uuid PRIMARY KEY -- of a passage that was decided and not taken
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

CREATE TABLE gate_minutes (
    gate_id  text        NOT NULL,
    minute   timestamptz NOT NULL,
    admitted integer     NOT NULL,
    refused  integer     NOT NULL,
    exited   integer     NOT NULL,
    touched  bigint      NOT NULL, -- number of the last scan in it
    PRIMARY KEY (gate_id, minute)
) WITH (fillfactor = 50);

-- Who is inside (access).

CREATE TABLE presence (
    zone_id   text        NOT NULL,
    person_id uuid        NOT NULL,
    since     timestamptz NOT NULL,
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
    outcome   text   NOT NULL, -- sent, failed
    at        timestamptz NOT NULL
);

-- Devices (access).

CREATE TABLE devices (
    device_id          uuid    PRIMARY KEY,
    gate_id            text    NOT NULL,
    enrolled_by        bigint  NOT NULL, -- number of the event
    cut_off            boolean NOT NULL DEFAULT false,
    silent             boolean NOT NULL DEFAULT false,
    clock_suspected    boolean NOT NULL DEFAULT false, -- until it reports a clock that is right
    heard_at           timestamptz, -- of a report, or to ten seconds of a scan, by the clock of the gathering
    battery            integer, -- percent
    queue              integer NOT NULL DEFAULT 0,
    skew_s             integer,
    policy_version     bigint,
    revocation_version bigint,
    software           text
) WITH (fillfactor = 50);

-- Sessions (access).

CREATE TABLE sessions (
    session_id    text        PRIMARY KEY,
    zone_id       text        NOT NULL,
    titles        json        NOT NULL,
    starts_at     timestamptz NOT NULL,
    ends_at       timestamptz NOT NULL,
    doors_minutes integer     NOT NULL
);

-- Evacuations (access).

CREATE TABLE evacuations (
    evacuation_id uuid        NOT NULL,
    zone_id       text        NOT NULL,
    ordered_at    timestamptz NOT NULL,
    expected      integer     NOT NULL, -- people believed inside by name when it was ordered
    unidentified  integer     NOT NULL,
    PRIMARY KEY (evacuation_id, zone_id)
);

CREATE TABLE mustered (
    number        bigint PRIMARY KEY, -- of the event
    evacuation_id uuid   NOT NULL,
    person_id     uuid   -- null: nobody knows their name
);

-- Overrides (access), until they are reviewed.

CREATE TABLE overrides (
    override_id uuid        PRIMARY KEY,
    gate_id     text        NOT NULL,
    zone_id     text        NOT NULL,
    person_id   uuid        NOT NULL,
    confirm_by  timestamptz, -- null: no second person is needed
    admitted_at timestamptz
);

-- History: what the rows above do not say any more. Times are those at which something was put on record, by the clock
-- of the gathering.

CREATE TABLE told ( -- by access, all but scans
    number bigint      PRIMARY KEY,
    at     timestamptz NOT NULL,
    kind   text        NOT NULL, -- LockdownDeclared
    data   json        NOT NULL
);

CREATE TABLE delegation_steps (
    at            timestamptz NOT NULL,
    kind          text        NOT NULL, -- DelegationInvited
    delegation_id text        NOT NULL
);

CREATE TABLE steps ( -- of nominations and badges
    number bigint      NOT NULL,
    at     timestamptz NOT NULL,
    kind   text        NOT NULL, -- BadgeIssued
    entity uuid        NOT NULL
);

CREATE TABLE visits ( -- of somebody to a zone, that are over
    zone_id   text        NOT NULL,
    person_id uuid        NOT NULL,
    since     timestamptz NOT NULL,
    until     timestamptz NOT NULL
);

CREATE TABLE counted ( -- people without a name
    at      timestamptz NOT NULL,
    zone_id text        NOT NULL,
    people  integer     NOT NULL -- how many more, or fewer
);

CREATE TABLE late ( -- scans put on record in a later minute than they were decided in
    number  bigint      PRIMARY KEY,
    told_at timestamptz NOT NULL
);

CREATE TABLE policies_seen ( -- the newest that a scan was decided by
    venue_id text        NOT NULL,
    minute   timestamptz NOT NULL,
    version  bigint      NOT NULL,
    PRIMARY KEY (venue_id, minute)
);
