"""What request bodies have in common."""

from typing import Annotated

from fastapi import Depends
from pydantic import BaseModel, ConfigDict, StringConstraints

from chassis.edge.idempotency import Cause, cause


class Body(BaseModel):
    """What clients send. Fields we do not know are refused: a typo must not pass silently."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
"""A word from a list that somebody keeps (a reason, a ground), never a sentence about a person."""

ON_ONE_LINE = r"^(?:[^\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}][\u200C\u200D]?)+$"
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=ON_ONE_LINE)]
"""What people read, on one line: at least one character, none that steers instead of being shown (NUL, line feed, what
turns text round). The two joiners stay between others, for Persian and Sinhala are not spelled without them.
"""

Prose = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        max_length=4_000,
        pattern=r"^(?:[^\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}][\u200C\u200D]?|\n)+$",
    ),
]
"""What people write for those who come after: as ``Text``, on several lines."""


class NamesBody(Body):
    """What something is called, in each language of the house."""

    en: Text
    fr: Text
    vi: Text


Because = Annotated[Cause, Depends(cause)]
"""A route's parameter: what makes the command's metadata from the request and its Idempotency-Key."""
