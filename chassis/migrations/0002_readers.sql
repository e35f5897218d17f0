-- What this service remembers of the logs it reads, its own included: how far it came, and what it could not apply.

CREATE SCHEMA readers;

-- The cursor is the truth about what was applied; it moves by compare-and-set in the transaction of the effect.
CREATE TABLE readers.cursors (
    reader text   NOT NULL,
    source text   NOT NULL,
    log_id uuid   NOT NULL,
    number bigint NOT NULL,
    PRIMARY KEY (reader, source)
);

-- Events that can never be applied as they are, and every later one about the same entity, in order.
CREATE TABLE readers.dead_letters (
    reader    text        NOT NULL,
    source    text        NOT NULL,
    number    bigint      NOT NULL,
    about     text        NOT NULL,
    event     json        NOT NULL,
    error     text        NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (reader, source, number)
);

GRANT USAGE ON SCHEMA readers TO :"service";
GRANT SELECT, INSERT, UPDATE, DELETE ON readers.cursors, readers.dead_letters TO :"service";
