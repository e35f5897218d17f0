-- Where whoever holds a lease is reached: stand-bys send it what only it may do.

ALTER TABLE run.lease ADD COLUMN address text;
