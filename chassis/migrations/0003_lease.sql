-- One active process does the work of a service. The lease saves work; safety is elsewhere: whatever moves forward
-- names what it moves from (stream version, stream sequence, cursor number).

CREATE SCHEMA run;

CREATE TABLE run.lease (
    name   text        PRIMARY KEY,
    holder uuid        NOT NULL,
    until  timestamptz NOT NULL
);

GRANT USAGE ON SCHEMA run TO :"service";
GRANT SELECT, INSERT, UPDATE, DELETE ON run.lease TO :"service";
