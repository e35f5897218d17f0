"""Real servers for a laptop, a test, a rehearsal: PostgreSQL and NATS from wheels, in one data folder.

Every server listens on loopback or a Unix socket only and asks for credentials, which lie in 0600 files.
"""
