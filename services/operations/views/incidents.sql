-- Incidents as they stand, and what was recorded of each: folded from operations' own log.

CREATE TABLE incidents (
    incident_id uuid        PRIMARY KEY,
    number      integer     NOT NULL UNIQUE,
    title       text,       -- null: a rule's
    is_open     boolean     NOT NULL,
    discreet    boolean     NOT NULL,
    is_rules    boolean     NOT NULL,
    merged_into uuid,
    changed_at  timestamptz NOT NULL,
    due_at      timestamptz, -- when the escalation clock moves it, if nobody does
    due_level   integer,
    incident    json        NOT NULL
);
CREATE INDEX open_incidents ON incidents (number) WHERE is_open;
CREATE INDEX due_incidents ON incidents (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX merged_incidents ON incidents (merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE entries (
    place       bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incident_id uuid        NOT NULL,
    at          timestamptz NOT NULL,
    actor       text        NOT NULL,
    what        text        NOT NULL,
    text        text,
    rationale   text,
    was         text,
    became      text,
    is_open     boolean,    -- and how it stood from then on; null: the entry is about another
    incident    json
);
CREATE INDEX entries_of_an_incident ON entries (incident_id);
