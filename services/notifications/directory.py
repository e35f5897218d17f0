"""Whom a notice reaches and how things are called, asked of accreditation when a message is sent and kept nowhere."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from chassis.personal import Personal
from chassis.stream.peer import Peer, PeerUnreachableError
from services.notifications.domain.notice import NoticeQueued


class DirectoryUnreachableError(OSError):
    """Accreditation did not answer, or answered with an error, or with something else."""


@dataclass(frozen=True, slots=True)
class Name:
    """What somebody is called, as their own language orders it."""

    family: Personal
    given: Personal


@dataclass(frozen=True, slots=True)
class Contact:
    """Where a message goes. ``name`` None: a desk rather than a person."""

    name: Name | None
    email: Personal
    language: str


@dataclass(frozen=True, slots=True)
class Names:
    """What delegations and categories are called, by code and language."""

    delegations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    categories: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """What accreditation says about a number of notices; those whose recipient it does not know have no contact."""

    contacts: Mapping[UUID, Contact]
    names: Names


class Directory:
    """Accreditation, as those who write messages see it."""

    def __init__(self, accreditation_url: str, token_file: Path) -> None:
        self._accreditation = Peer(accreditation_url, token_file)

    async def find(self, notices: Sequence[NoticeQueued]) -> Found:
        """Contacts by notice, and names. Raises DirectoryUnreachableError."""
        if not notices:
            return Found({}, Names())
        try:
            return await self._ask(notices)
        except PeerUnreachableError as error:
            raise DirectoryUnreachableError(str(error)) from error
        except (ValueError, KeyError, TypeError) as error:
            raise DirectoryUnreachableError(type(error).__name__) from error

    async def _ask(self, notices: Sequence[NoticeQueued]) -> Found:
        delegations = {row["delegation_id"]: row for row in await self._accreditation.get("/v1/delegations")}
        categories = (await self._accreditation.get("/v1/matrix"))["categories"]
        person_of = {
            notice.notice_id: person_id
            for notice in notices
            if (person_id := _person_id(notice, delegations)) is not None
        }
        people = await self._people(dict.fromkeys(person_of.values()))
        return Found(
            {notice_id: people[person_id] for notice_id, person_id in person_of.items() if person_id in people},
            Names(
                {delegation_id: row["names"] for delegation_id, row in delegations.items()},
                {rules["category"]: rules["names"] for rules in categories},
            ),
        )

    async def _people(self, ids: Iterable[str]) -> dict[str, Contact]:
        people = {}
        for row in await self._accreditation.get_listed("/v1/people", ids, purpose="notice"):
            name = Name(Personal(row["family_name"]), Personal(row["given_name"]))
            people[row["person_id"]] = Contact(name, Personal(row["email"]), row["language"])
        return people


def _person_id(notice: NoticeQueued, delegations: Mapping[str, Mapping[str, Any]]) -> str | None:
    match notice.recipient.kind:
        case "person":
            return notice.recipient.id
        case "focal_point":
            delegation = delegations.get(notice.recipient.id)
            return None if delegation is None else delegation["focal_point_id"]
        case "duty":
            return None
