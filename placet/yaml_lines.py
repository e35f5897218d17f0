"""On which line of a YAML file something is said."""

from collections.abc import Sequence

import yaml


def line_of(root: yaml.Node | None, where: Sequence[str | int]) -> int:
    """The line of the value at ``where``, or of the nearest thing around it that is written."""
    node, line = root, 1
    for step in where:
        if isinstance(node, yaml.MappingNode):
            entry = next((pair for pair in node.value if pair[0].value == step), None)
            if entry is None:
                break
            line, node = entry[0].start_mark.line + 1, entry[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
    return line
