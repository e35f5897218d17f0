-- Who looked at somebody's path through the day, when and on which page. One row a look, never changed.

CREATE SCHEMA looks;

CREATE TABLE looks.at_people (
    look_id   bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at        timestamptz NOT NULL DEFAULT now(),
    actor     text        NOT NULL,
    purpose   text        NOT NULL,
    person_id uuid        NOT NULL
);

GRANT USAGE ON SCHEMA looks TO :"service";
GRANT SELECT, INSERT ON looks.at_people TO :"service";
