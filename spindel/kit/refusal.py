"""One way to say no: a code, and the values that its sentence needs.

Whoever refuses raises a `Refusal` by its code. What is said of it, and by which HTTP status, stands
beside its code in the domain's `refusals.py`. Pages and the API say it by `kit/saying.py`.
Raising costs what any exception costs: the sentence is put together by whoever says it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a refusal.

    `sentence` is English, and the text that is translated; `%(name)s` in it is a value. `api` is
    the code that the API answers, where it is a broader one than the refusal's own; `page` is what
    people who work here are told, where that is something else than what a program is.
    """

    sentence: str
    status: int = 409
    api: str = ""
    page: str = ""


def refused(sentence: str, page: str = "") -> Said:
    """One of the many that to a program are `refused`, of which the sentence alone tells."""
    return Said(sentence, api="refused", page=page)


KNOWN: dict[str, Said] = {}  # all that the domains declare, by their codes: `saying.collect`


class Refusal(Exception):
    """It can't be done. A subclass is for who catches it alone, or for what it has to tell.

    The code is given, or the subclass's own. Text values stand in the sentence as they are, whole
    numbers as the language writes them.
    """

    code = ""

    def __init__(self, code: str = "", /, **values: object) -> None:
        super().__init__(code or self.code)
        self.code = code or self.code
        self.values: Mapping[str, object] = values

    @property
    def said(self) -> Said:
        """What is declared of it."""
        return KNOWN[self.code]

    @property
    def to_programs(self) -> str:
        """The code that the API answers."""
        return self.said.api or self.code

    @property
    def status(self) -> int:
        """The HTTP status that it is answered with."""
        return self.said.status

    def __str__(self) -> str:
        """Its sentence in English."""
        written = {
            name: f"{value:,}" if isinstance(value, int) else value
            for name, value in self.values.items()
        }
        return self.said.sentence % written if written else self.said.sentence
