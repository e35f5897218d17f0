"""Notifications over HTTP: what waits, what was sent, what failed. Never an address."""

from typing import Annotated, Any

import asyncpg
from fastapi import APIRouter, Query

from chassis.edge.identity import Principal, allowed
from chassis.log.views import OwnView
from services.notifications.domain.notice import NoticeEvent
from services.notifications.views import notices
from services.notifications.views.notices import Status


def routes(listed: OwnView[NoticeEvent], pool: asyncpg.Pool) -> APIRouter:
    """The one route."""
    router = APIRouter(tags=["notices"])

    @router.get("/v1/notices")
    async def all_notices(
        status: Annotated[Status | None, Query(description="queued: also those put off and tried again.")] = None,
        after: Annotated[int, Query(ge=0, lt=2**63, description="The last place you have.")] = 0,
        limit: Annotated[int, Query(ge=1, le=1_000)] = 500,
        _: Principal = allowed("operations", "auditor", "admin"),
    ) -> list[dict[str, Any]]:
        """Notices as they stand, in the order in which they were queued; ``place`` counts them."""
        await listed.current()
        return await notices.listed(pool, status, after, limit)

    return router
