"""The words that services share: events, ids, envelope, subjects, schemas and samples. Imports only pydantic.

A service may change its private events as it likes; what stands here is promised to everybody who subscribes.
Within a major version a shared event only grows optional fields (``contracts.compatibility`` holds that).
"""
