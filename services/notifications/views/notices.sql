-- Notices as they stand, in the order in which they were queued.

CREATE TABLE notices (
    place           bigint PRIMARY KEY, -- 1 is the first notice ever queued
    notice_id       uuid   NOT NULL UNIQUE,
    source_event_id uuid   NOT NULL,
    template        text   NOT NULL,
    channel         text   NOT NULL,
    recipient_kind  text   NOT NULL,
    recipient_id    text   NOT NULL,
    status          text   NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'sent', 'failed')),
    attempts        integer NOT NULL DEFAULT 0,
    reason          text, -- why it was put off last, or given up
    language        text,
    due_at          timestamptz -- real time; null: now
);

-- Whoever is on duty first, then by place: the order in which they are sent.
CREATE INDEX notices_waiting ON notices ((recipient_kind <> 'duty'), place) WHERE status = 'queued';
