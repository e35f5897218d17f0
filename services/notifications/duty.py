"""Who is on duty: a file that whoever changes shifts may edit while we run."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from chassis.personal import Personal
from chassis.run.logging import Logger
from contracts.words import Language
from services.notifications.audiences import COMMANDER, OPERATIONS_ROOM
from services.notifications.directory import Contact

log = Logger(__name__)


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    duty: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]
    email: str
    language: Language = "en"


_FILE = TypeAdapter(list[_Entry])


class DutyContactsUnreadableError(Exception):
    """The file of duty contacts cannot be used; the text says why, without quoting it."""


class DutyContacts:
    """The duties somebody is on. A change of the file counts at once; one that cannot be read does not count."""

    def __init__(self, file: Path | None) -> None:
        """Raises DutyContactsUnreadableError."""
        self._file = file
        self._read_at = 0
        self._contacts: dict[str, Contact] = {}
        if file is None:
            log.warning("nobody_is_on_duty")
        else:
            self._read(file)

    def duties(self) -> Sequence[str]:
        """The duties, in the file's order."""
        self._refresh()
        return tuple(self._contacts)

    def contact(self, duty: str) -> Contact | None:
        """Whoever is on this duty now, or None."""
        self._refresh()
        return self._contacts.get(duty)

    def _refresh(self) -> None:
        if self._file is None:
            return
        try:
            if self._file.stat().st_mtime_ns != self._read_at:
                self._read(self._file)
        except (DutyContactsUnreadableError, OSError):
            log.error("duty_contacts_unreadable")

    def _read(self, file: Path) -> None:
        try:
            read_at = file.stat().st_mtime_ns
            entries = _FILE.validate_json(file.read_bytes())
        except OSError as error:
            raise DutyContactsUnreadableError(f"{file} cannot be read ({error.strerror}).") from error
        except ValidationError as error:
            where = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['type']}" for one in error.errors())
            raise DutyContactsUnreadableError(f"{file} is not a list of duty contacts ({where}).") from None
        if len({entry.duty for entry in entries}) != len(entries):
            raise DutyContactsUnreadableError(f"{file} names a duty twice; one address a duty.")
        self._contacts = {entry.duty: Contact(None, Personal(entry.email), entry.language) for entry in entries}
        if OPERATIONS_ROOM not in self._contacts:
            log.warning("nobody_is_on_duty_in_the_operations_room")
        if COMMANDER not in self._contacts:
            log.warning("nobody_is_on_duty_as_commander")
        self._read_at = read_at
