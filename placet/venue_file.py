"""A venue's policy as a file that people edit: zones, gates, rules, sessions and seats, in YAML.

The service says what is right; here only YAML is read and written, and a complaint is given its line.
"""

import re
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from chassis.run.foreseen import ForeseenError
from placet.yaml_lines import line_of

_OF_THE_REQUEST = ("body", "policy")


class VenueFileError(ForeseenError):
    """The file cannot be read, or the venue cannot be so; the text says where and why, a line for each thing."""


class VenueFile:
    """A file, and what it says."""

    def __init__(self, path: Path) -> None:
        """Raises VenueFileError."""
        self._name = path.name
        try:
            text = path.read_text("utf-8")
            self._root = yaml.compose(text, Loader=_Loader)
            self.policy = yaml.load(text, Loader=_Loader)  # noqa: S506  (it makes plain values only)
        except UnicodeDecodeError:
            raise VenueFileError(f"{self._name}: not UTF-8. Save the file as UTF-8.") from None
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise VenueFileError(f"{self._name}, line {line}: not YAML: {error.problem}") from None
        if not isinstance(self.policy, dict):
            raise VenueFileError(f"{self._name}: not a policy. It begins with zones: and gates:")

    def wrong(self, problem: Mapping[str, Any]) -> VenueFileError:
        """What a service objects to, each thing with its line."""
        return VenueFileError("\n".join(self._complaint(error) for error in problem["errors"]))

    def _complaint(self, error: Mapping[str, str]) -> str:
        where = tuple(int(step) if step.isdecimal() else step for step in error["field"].split("."))
        if where[:2] == _OF_THE_REQUEST:
            where = where[2:]
        return f"{self._name}, line {line_of(self._root, where)}: {'.'.join(map(str, where))}: {error['message']}"


def written(policy: Mapping[str, Any], *comments: str) -> str:
    """The file that says this policy."""
    plain = _without_nulls(policy)
    said = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=120, default_flow_style=None)
    return "".join(f"# {comment}\n" for comment in comments) + said


def _without_nulls(value: Any) -> Any:
    """What is not said has no rule: that is what null says, too."""
    if isinstance(value, Mapping):
        return {key: _without_nulls(one) for key, one in value.items() if one is not None}
    return [_without_nulls(one) for one in value] if isinstance(value, list) else value


class _Loader(yaml.SafeLoader):
    """YAML 1.2: Norway is ``no``, half past three is ``03:30``, a time stays as it is written. A key stands once."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  (as the library has it)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        said = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in said:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value} is said twice", key.start_mark)
            said.add(key.value if isinstance(key, yaml.ScalarNode) else None)
        return super().construct_mapping(node, deep)


_PLAIN: Sequence[tuple[str, str, str]] = (
    ("null", r"~|null|", "~n"),
    ("bool", r"true|false", "tf"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("merge", r"<<", "<"),
)
for _tag, _pattern, _first in _PLAIN:
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), [*_first, ""])
