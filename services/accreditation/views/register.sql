-- The register: delegations, nominations and badges as they stand.

CREATE TABLE delegations (
    delegation_id  text PRIMARY KEY,
    kind           text NOT NULL,
    names          json NOT NULL,
    language       text NOT NULL,
    focal_point_id uuid,
    note_verbale   text,
    quotas         jsonb NOT NULL DEFAULT '{}'
);

CREATE TABLE nominations (
    nomination_id uuid PRIMARY KEY,
    person_id     uuid NOT NULL,
    delegation_id text NOT NULL,
    category      text NOT NULL,
    vetting       text NOT NULL DEFAULT 'none',
    decision      text NOT NULL DEFAULT 'pending',
    badge_id      uuid
);
CREATE INDEX nominations_of_a_delegation ON nominations (delegation_id);
CREATE INDEX nominations_of_a_person ON nominations (person_id);

CREATE TABLE badges (
    badge_id      uuid PRIMARY KEY,
    nomination_id uuid NOT NULL,
    person_id     uuid NOT NULL,
    delegation_id text NOT NULL,
    category      text NOT NULL,
    areas         text[] NOT NULL,
    version       integer NOT NULL,
    holding       text NOT NULL,
    suspended     boolean NOT NULL DEFAULT false,
    revoked       boolean NOT NULL DEFAULT false,
    valid_from    timestamptz NOT NULL,
    valid_until   timestamptz NOT NULL
);
