"""How the house says things in each of its languages: salutations, names, times."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from services.notifications.directory import Name

_MONTHS = {
    "en": [
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ],
    "fr": [
        "janvier", "février", "mars", "avril", "mai", "juin",
        "juillet", "août", "septembre", "octobre", "novembre", "décembre",
    ],
}  # fmt: skip


def full_name(name: Name, language: str) -> str:
    """As the language orders it: Vietnamese puts the family first."""
    family, given = name.family.reveal(), name.given.reveal()
    return f"{family} {given}" if language == "vi" else f"{given} {family}"


def salutation(name: Name | None, language: str) -> str:
    """The first line; nobody is called by a sex or rank we would have to guess."""
    if name is None:
        return _TO_A_DESK[language]
    return _TO_A_PERSON[language].format(full_name(name, language))


def moment(time: datetime, language: str) -> str:
    """``25 October 2025, 14:05 (UTC+7)``; without seconds, with the offset it is told in."""
    return _MOMENT[language](time)


_TO_A_PERSON: Mapping[str, str] = {"en": "Dear {},", "fr": "À l'attention de {}", "vi": "Kính gửi Ông/Bà {},"}
_TO_A_DESK: Mapping[str, str] = {"en": "Dear colleagues,", "fr": "Mesdames, Messieurs,", "vi": "Kính gửi Quý vị,"}


def _english(time: datetime) -> str:
    return f"{time.day} {_MONTHS['en'][time.month - 1]} {time.year}, {time:%H:%M} ({_offset(time)})"


def _french(time: datetime) -> str:
    day = "1er" if time.day == 1 else str(time.day)
    return f"{day} {_MONTHS['fr'][time.month - 1]} {time.year} à {time.hour} h {time:%M} ({_offset(time)})"


def _vietnamese(time: datetime) -> str:
    return f"{time:%H:%M} ngày {time.day} tháng {time.month} năm {time.year} ({_offset(time)})"


_MOMENT: Mapping[str, Callable[[datetime], str]] = {"en": _english, "fr": _french, "vi": _vietnamese}


def _offset(time: datetime) -> str:
    minutes = (time.utcoffset() or timedelta()) // timedelta(minutes=1)
    if minutes == 0:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '-'}{hours}" + (f":{rest:02}" if rest else "")
