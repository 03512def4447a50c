"""Reading YAML that somebody else has written: no more of it than a few kinds of values."""

from __future__ import annotations

import yaml


class BadYaml(ValueError):
    """It can't be read; says why. `line`, from 1, is the first that can't be, if that is known."""

    def __init__(self, why: str, line: int | None) -> None:
        super().__init__(why)
        self.line = line


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # whichever there is
    """Makes nothing but plain values, and reads no `<<`: merged into each other, a few lines take
    hours and all memory.
    """

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Leave the mapping as it is: `<<` is then a key like any other."""


def read(text: str | bytes) -> object:
    """What the text says. Raises BadYaml, whatever the text is."""
    try:
        _check_size(text)
        return yaml.load(text, Loader=_Loader)  # noqa: S506  # a safe loader, the quicker one
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else None
        raise BadYaml(" ".join(str(error).split()), line) from None
    except (ValueError, OverflowError) as error:  # a day that there is not, a number without end
        if isinstance(error, BadYaml):
            raise
        raise BadYaml(" ".join(str(error).split()), None) from None


_DEEPEST = 50
_LONGEST = 10_000


def _check_size(text: str | bytes) -> None:
    """The loader goes down in C, where a stack that is too deep ends the process; and numbers are
    also written as `1:59:59`, which takes the longer the longer they are.
    """
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.ScalarEvent) and len(event.value) > _LONGEST:
            raise BadYaml(f"it holds a text of more than {_LONGEST} characters", None)
        if depth > _DEEPEST:
            raise BadYaml("it is nested too deeply", None)
