"""What a gathering consists of, as frozen values: delegations, rosters, venue, rights, programme, mishaps.

One class a row of each file that ``scenarios/README.md`` describes, with the same words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from contracts.ids import Token
from contracts.words import DelegationKind, Language, Names, ZoneClass

ROSTER_COLUMNS = ("delegation", "family_name", "given_name", "title", "category", "function", "email", "language")

Letter = Literal["Y", "S", "E", "P", "L", "-"]
"""May a category enter an area: yes, with session list, escorted, with pool card, on a named list, no."""
LETTERS: dict[str, Letter] = {"Y": "Y", "S": "S", "E": "E", "P": "P", "L": "L", "-": "-"}
CONDITIONAL_LETTERS: tuple[Letter, ...] = ("S", "E", "P", "L")
GateKind = Literal["pedestrian", "vip", "media", "staff", "accessible", "room"]
SessionKind = Literal["opening", "signing", "plenary", "high-level", "round-table", "stand", "pool", "reception"]

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
Minutes = Annotated[int, Field(gt=0)]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[a-z0-9-]+(\.[a-z0-9-]+)*\.example$")]
"""An address under the reserved domain ``.example``: a rehearsal never writes to a real person."""


def _none_if_blank(cell: object) -> object:
    return None if cell == "" else cell


def _split(cell: object) -> object:
    return tuple(cell.split(";")) if isinstance(cell, str) else cell


NoteVerbale = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9./ -]{0,60}$")]
"""Reference of the note by which a delegation confirmed, or of the letter of another body."""
ReasonCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
"""A word from the desk's list, never a sentence about a person."""
OptionalDate = Annotated[date | None, BeforeValidator(_none_if_blank)]
OptionalToken = Annotated[Token | None, BeforeValidator(_none_if_blank)]
OptionalCount = Annotated[int | None, Field(gt=0), BeforeValidator(_none_if_blank)]
OptionalPassback = Annotated[Literal["none", "soft", "hard"] | None, BeforeValidator(_none_if_blank)]
TokenList = Annotated[tuple[Token, ...], BeforeValidator(_split)]


class Facts(BaseModel):
    """What a file says, unchangeable; a word it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Delegation(Facts):
    delegation: Token
    name_en: str
    name_fr: str
    name_vi: str
    kind: DelegationKind
    language: Language
    focal_point_email: Email
    invited_on: date
    confirmed_on: OptionalDate
    note_verbale: NoteVerbale
    signs_on: OptionalDate
    basis: Literal["signatory", "chosen", "invited", "invented"]

    @property
    def names(self) -> Names:
        return Names(en=self.name_en, fr=self.name_fr, vi=self.name_vi)


class Quota(Facts):
    delegation: Token
    category: Token
    places: Annotated[int, Field(gt=0)]  # people


class Zone(Facts):
    zone: Token
    area: Token
    name_en: str
    name_fr: str
    name_vi: str
    parent: OptionalToken
    capacity: OptionalCount  # people; None: no limit
    zone_class: ZoneClass = Field(alias="class")
    passback: OptionalPassback  # None: as usual for its class

    @property
    def names(self) -> Names:
        return Names(en=self.name_en, fr=self.name_fr, vi=self.name_vi)

    @property
    def keeps_badges_once(self) -> bool:
        """Whether it is a controlled room that refuses a badge that is inside already."""
        return self.zone_class == "controlled" and self.passback in {None, "hard"}


class Gate(Facts):
    gate: Token
    name: str
    from_zone: OptionalToken
    to_zone: Token
    kind: GateKind
    lanes: Annotated[int, Field(gt=0)]


class Category(Facts):
    category: Token
    name_en: str
    name_fr: str
    name_vi: str
    vetting: Literal["required", "exempt"]

    @property
    def names(self) -> Names:
        return Names(en=self.name_en, fr=self.name_fr, vi=self.name_vi)


class ConditionalGrant(Facts):
    category: Token
    area: Token
    share: Share
    reason: str


class Session(Facts):
    session: Token
    kind: SessionKind
    title: str
    zone: Token
    starts: AwareDatetime
    ends: AwareDatetime
    audience: TokenList

    def welcomes(self, category: str) -> bool:
        return "all" in self.audience or category in self.audience


class Arrivals(Facts):
    minutes: Annotated[int, Field(ge=0, multiple_of=5)]  # after the gates open
    share: Share  # of the day's people, in the five minutes that begin then


class Hours(Facts):
    opens: AwareDatetime
    closes: AwareDatetime


class Day(Hours):
    attendance: Share  # of those who hold an active badge


class Badges(Facts):
    valid_from: AwareDatetime
    valid_until: AwareDatetime
    printing_from: AwareDatetime
    handover: tuple[Hours, ...] = Field(min_length=1)


class Wave(Facts):
    file: str  # relative to the scenario's folder
    at: AwareDatetime


class Contact(Facts):
    duty: Token
    email: Email
    language: Language


class Pauses(Facts):
    """Where people go in an hour without a session."""

    share: Share  # of such hours
    areas: Mapping[Token, tuple[Token, ...]]  # by category; ``default`` for the rest


class Frame(Facts):
    """``scenario.yaml``: the gathering as a whole."""

    name: Token
    title: str
    event: Token
    venue: Token
    time_zone: str
    clock_start: AwareDatetime
    ceremony_starts: AwareDatetime
    days: tuple[Day, ...] = Field(min_length=1)
    badges: Badges
    waves: tuple[Wave, ...] = Field(min_length=1)
    contacts: tuple[Contact, ...]
    entrances: Mapping[GateKind, tuple[Token, ...]]  # who uses which perimeter gates; the rest: pedestrian, accessible
    workplaces: Mapping[Token, tuple[Token, ...]]  # category -> areas where it works all day
    interest: Mapping[SessionKind, Share]  # of those free and entitled when such a session begins
    pauses: Pauses


class Vetting(Facts):
    refused: Share  # of those who are vetted
    referred: Share


class Credentials(Facts):
    """How many scans at the perimeter show something else than a good badge."""

    garbled: Count
    truncated: Count
    resigned: Count
    foreign: Count
    expired: Count
    not_activated: Count


class LostBadges(Facts):
    reported: tuple[AwareDatetime, ...]
    finder_tries_after: Minutes
    replaced_after: Minutes


class FullRoom(Facts):
    session: Token
    turned_away: Count  # people


class Lockdown(Facts):
    zone: Token
    at: AwareDatetime
    minutes: Minutes
    reason: ReasonCode


class Revoked(Facts):
    at: tuple[AwareDatetime, ...]
    reason: ReasonCode


class Suspended(Facts):
    at: tuple[AwareDatetime, ...]
    minutes: Minutes
    reason: ReasonCode


class SilentGate(Facts):
    gate: Token
    at: AwareDatetime
    minutes: Minutes


class Watched(Facts):
    at: tuple[AwareDatetime, ...]
    minutes: Minutes
    reason: ReasonCode


class Offline(Facts):
    """Scanners without a connection let people pass by themselves."""

    revoked: Count  # people
    lent: Count  # badges
    brought_after: Minutes


class Mishaps(Facts):
    """``mishaps.yaml``: what goes wrong, how often and when. Counts are people unless they say scans."""

    vetting: Vetting
    credentials: Credentials
    lent_badges: Count
    wrong_zone: Count  # scans
    perimeter_skipped: Count
    forgotten_exits: Share  # of leavings from open rooms
    double_taps: Count  # scans
    lost_badges: LostBadges
    full_room: FullRoom
    lockdown: Lockdown
    revoked: Revoked
    suspended: Suspended
    silent_gate: SilentGate
    stolen_badges: Count  # of those that are reported lost
    duress: Count  # scans
    watched: Watched
    offline: Offline


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One line of a roster as its author wrote it; a cell that is missing is empty."""

    line: int
    delegation: str
    family_name: str
    given_name: str
    title: str
    category: str
    function: str
    email: str
    language: str

    @property
    def person(self) -> str:
        """The key by which plans know a person: the e-mail address in lower case."""
        return self.email.strip().lower()


@dataclass(frozen=True, slots=True)
class Roster:
    file: str
    content: bytes
    rows: tuple[RosterRow, ...]


class Scenario(Frame):
    """A gathering, complete and consistent: every zone, category and date that is mentioned exists."""

    delegations: tuple[Delegation, ...]
    quotas: tuple[Quota, ...]
    rosters: tuple[Roster, ...]
    zones: tuple[Zone, ...]
    gates: tuple[Gate, ...]
    categories: tuple[Category, ...]
    matrix: Mapping[str, Mapping[str, Letter]]  # category -> area -> letter
    conditional_grants: tuple[ConditionalGrant, ...]
    programme: tuple[Session, ...]
    arrivals: tuple[Arrivals, ...]
    mishaps: Mishaps

    @property
    def areas(self) -> tuple[str, ...]:
        """Area codes in the order of the matrix."""
        return tuple(next(iter(self.matrix.values())))

    @property
    def roster_files(self) -> dict[str, bytes]:
        """What is uploaded, by file name, in the order of the waves."""
        return {roster.file: roster.content for roster in self.rosters}
