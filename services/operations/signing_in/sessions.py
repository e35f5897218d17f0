"""The browsers that are signed in: a row each, whose tokens only the browser's cookie opens."""

import asyncio
import json
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import asyncpg

from chassis.edge.problems import Problem
from chassis.edge.session import OpenStreams, Session
from chassis.run.database import passing
from chassis.run.logging import Logger
from chassis.run.tasks import still_wanted
from services.operations.signing_in.sealing import NotOpenedError, Secret

_RENEW_S = 30.0  # before a token expires
_SURE_S = 5.0  # a token that lasts no longer may be over where it is shown: nobody's clock is exact
_LOOK_S = 2.0  # whether sessions with an open stream still stand
_SWEEP_S = 60.0

_BEGIN = "INSERT INTO sessions.open (session_id, sealed, ends_at) VALUES ($1, $2, $3)"
_FIND = """
    SELECT sealed, ends_at, seen_at < now() - $3::interval AS unseen FROM sessions.open
    WHERE session_id = $1 AND ends_at > now() AND seen_at > now() - $2::interval
"""
_SEEN = "UPDATE sessions.open SET seen_at = now() WHERE session_id = ANY($1)"
_RESEAL = "UPDATE sessions.open SET sealed = $3, seen_at = now() WHERE session_id = $1 AND sealed = $2 RETURNING true"
_END = "DELETE FROM sessions.open WHERE session_id = $1 RETURNING sealed"
_STANDING = """
    SELECT session_id, seen_at < now() - $3::interval AS unseen FROM sessions.open
    WHERE session_id = ANY($1) AND ends_at > now() AND seen_at > now() - $2::interval
"""
_SWEEP = "DELETE FROM sessions.open WHERE ends_at <= now() OR seen_at <= now() - $1::interval"

log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a person shows to the services, and how to get the next one."""

    token: str
    token_until: float
    """Seconds since 1970."""
    refresh: str | None = None


class NoLongerWelcomeError(Exception):
    """The provider gives no further token to this session."""


class Granting(Protocol):
    """Who gives the next tokens, and takes back what would give more."""

    async def refreshed(self, refresh_token: str) -> Tokens:
        """Raises NoLongerWelcomeError, and Problem while nobody can be asked."""
        ...

    async def revoke(self, refresh_token: str) -> None:
        """Raises Problem where it could not be."""
        ...


class OpenSessions:
    """Begins, finds and ends sessions. ``idle_for`` and ``lasts`` bound them, in real time."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        streams: OpenStreams,
        idle_for: timedelta,
        lasts: timedelta,
        provider: Granting | None,
    ) -> None:
        self._pool = pool
        self._streams = streams
        self._idle_for = idle_for
        self._seen_every = idle_for / 10  # a write each time somebody is seen would tell no more
        self._lasts = lasts
        self._provider = provider
        self._renewing: dict[bytes, asyncio.Task[Tokens | None]] = {}
        self._revoking: set[asyncio.Task[None]] = set()

    async def begin(self, tokens: Tokens) -> str:
        """The cookie of a new session. Without a refresh token it ends with the token."""
        secret = Secret.new()
        ends_at = datetime.now(UTC) + self._lasts
        if tokens.refresh is None:
            ends_at = min(ends_at, datetime.fromtimestamp(tokens.token_until, UTC))
        await self._pool.execute(_BEGIN, _name(secret), _sealed(tokens, secret), ends_at)
        return secret.text

    async def find(self, cookie: str) -> Session | None:
        """See ``chassis.edge.session.Sessions``."""
        try:
            secret = Secret(cookie)
            row = await self._row(secret)
            if row is None:
                return None
            kept = _opened(row["sealed"], secret)
        except NotOpenedError:
            return None
        if row["unseen"]:
            await self._pool.execute(_SEEN, [_name(secret)])
        tokens = await self._good(kept, row["sealed"], secret)
        if tokens is None or tokens.token_until <= time.time():
            return None
        ends_at = row["ends_at"].timestamp()
        return Session(_name(secret), tokens.token, tokens.token_until, secret.spelled("csrf"), ends_at)

    async def end(self, cookie: str) -> bool:
        """Whether there was a session: from now on its cookie opens nothing, and what it watched is closed."""
        try:
            secret = Secret(cookie)
            sealed = await self._end(_name(secret))
            if sealed is not None:
                self._revoke(_opened(sealed, secret))
        except NotOpenedError:
            return False
        return sealed is not None

    async def run(self) -> None:
        """Ends the streams of sessions that ended elsewhere or ran out, and sweeps; until cancelled."""
        swept_at = time.monotonic()
        while True:
            still_wanted()
            await asyncio.sleep(_LOOK_S)
            try:
                await self._look()
                if time.monotonic() > swept_at + _SWEEP_S:
                    await self._pool.execute(_SWEEP, self._idle_for)
                    swept_at = time.monotonic()
            except Exception as error:
                if not passing(error):
                    raise
                log.info("sessions_not_looked_after", error=type(error).__name__)

    async def _end(self, session_id: bytes) -> bytes | None:
        """What was sealed in it."""
        sealed: bytes | None = await self._pool.fetchval(_END, session_id)
        self._streams.end(session_id)
        return sealed

    def _revoke(self, tokens: Tokens) -> None:
        """Nobody waits for it: the session is over whatever the provider says."""
        if tokens.refresh is None or self._provider is None:
            return
        revoking = asyncio.create_task(self._provider.revoke(tokens.refresh))
        self._revoking.add(revoking)
        revoking.add_done_callback(self._revoked)

    def _revoked(self, done: asyncio.Task[None]) -> None:
        self._revoking.discard(done)
        if not done.cancelled() and (error := done.exception()) is not None:
            log.warning("token_not_revoked", error=type(error).__name__)

    async def _look(self) -> None:
        watching = list(self._streams.sessions)
        if not watching:
            return
        standing = await self._pool.fetch(_STANDING, watching, self._idle_for, self._seen_every)
        # Who watches is there: a wall screen that nobody touches for twelve hours is not idle.
        if unseen := [row["session_id"] for row in standing if row["unseen"]]:
            await self._pool.execute(_SEEN, unseen)
        for session_id in {*watching} - {row["session_id"] for row in standing}:
            self._streams.end(session_id)

    async def _good(self, tokens: Tokens, sealed: bytes, secret: Secret) -> Tokens | None:
        """``tokens``, or those that follow them. Nobody waits for the provider while the old ones are good."""
        if tokens.refresh is None or self._provider is None or tokens.token_until > time.time() + _RENEW_S:
            return tokens
        name = _name(secret)
        renewing = self._renewing.get(name)
        if renewing is None:
            # Once a session, and to its end though whoever asked has gone: a refresh token is good for one time.
            renewing = self._renewing[name] = asyncio.create_task(self._renew(tokens, sealed, secret))
            renewing.add_done_callback(lambda done: self._renewed(name, done))
        if tokens.token_until > time.time() + _SURE_S:
            return tokens
        try:
            return await asyncio.shield(renewing)
        except Problem:
            if tokens.token_until > time.time():
                return tokens
            raise

    def _renewed(self, name: bytes, done: asyncio.Task[Tokens | None]) -> None:
        del self._renewing[name]
        if not done.cancelled() and (error := done.exception()) is not None:
            log.info("session_not_renewed", error=type(error).__name__)

    async def _renew(self, tokens: Tokens, sealed: bytes, secret: Secret) -> Tokens | None:
        """The next tokens, kept; None when there are none. Raises Problem, and ``passing`` errors."""
        row = await self._row(secret)
        if row is None or row["sealed"] != sealed:  # it ended, or was renewed, since it was read
            return _opened(row["sealed"], secret) if row is not None else None
        assert self._provider is not None
        assert tokens.refresh is not None
        try:
            following = await self._provider.refreshed(tokens.refresh)
        except NoLongerWelcomeError:
            following = None
        if following is not None and await self._pool.fetchval(
            _RESEAL, _name(secret), sealed, _sealed(following, secret)
        ):
            return following
        row = await self._row(secret)  # another process of ours may have been faster
        if row is not None and row["sealed"] != sealed:
            return _opened(row["sealed"], secret)
        if following is not None:  # whoever it is for signed out meanwhile
            self._revoke(following)
            return None
        log.info("session_ended_by_provider")
        await self._end(_name(secret))
        return None

    async def _row(self, secret: Secret) -> asyncpg.Record | None:
        return await self._pool.fetchrow(_FIND, _name(secret), self._idle_for, self._seen_every)


def _name(secret: Secret) -> bytes:
    return secret.named("session")


def _sealed(tokens: Tokens, secret: Secret) -> bytes:
    return secret.seal(json.dumps(asdict(tokens)).encode())


def _opened(sealed: bytes, secret: Secret) -> Tokens:
    """Raises NotOpenedError."""
    return Tokens(**json.loads(secret.open(sealed)))
