"""How a service runs: clock, settings, database, telemetry, logging, host, and the servers of an embedded run."""
