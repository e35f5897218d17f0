-- The vault: the one place with personal data. A row a person, encrypted under a key of its own; that key is wrapped by
-- a master key which is not in this database. Erasing a person deletes the row, and with it the key.

CREATE SCHEMA vault;

CREATE TABLE vault.people (
    person_id   uuid  PRIMARY KEY,
    wrapped_key bytea NOT NULL,
    sealed      bytea NOT NULL,
    -- Keyed hash of the normalised name and address: finds the same person again without telling who it is.
    match_key   bytea NOT NULL UNIQUE
);

-- Who looked, at how many, and what for. One row a look.
CREATE TABLE vault.reads (
    read_id bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT now(),
    actor   text        NOT NULL,
    purpose text        NOT NULL,
    count   integer     NOT NULL,
    people  uuid[]      NOT NULL
);

GRANT USAGE ON SCHEMA vault TO :"service";
GRANT SELECT, INSERT, DELETE ON vault.people TO :"service";
GRANT SELECT, INSERT ON vault.reads TO :"service";
