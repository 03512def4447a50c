"""Where somebody is written to, and in which language: by what is certain of her.

`certain` is what `ownership.proven_each` answers: of each identifier those that are certainly the
same person's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from spindel.identity.models import Identifier
from spindel.kit import sql

Certain = Mapping[int, set[int]]


def emails(certain: Certain) -> dict[int, str]:
    """The address that the identifier is itself, else one that is certainly the same person's."""
    ids = {id for mine in certain.values() for id in mine}
    known = dict(Identifier.objects.filter(pk__in=ids, kind="email").values_list("pk", "value"))
    found = {}
    for one, mine in certain.items():
        hers = [known[id] for id in mine if id in known]
        if address := known.get(one) or min(hers, default=""):
            found[one] = address
    return found


# --- in which language ----------------------------------------------------------------------------

# Of identifiers: when each was last spoken with, and in which language.
LastSpoken = Callable[[Collection[int]], dict[int, tuple[datetime, str]]]

_REGISTERED: list[LastSpoken] = []


def register(last_spoken: LastSpoken) -> None:
    """Have it asked, too, in which language somebody who had proved who she is was spoken with."""
    _REGISTERED.append(last_spoken)


def languages(certain: Certain) -> dict[int, str]:
    """In which language she was last spoken with, where she was."""
    ids = sorted({id for mine in certain.values() for id in mine})
    said = [ask(ids) for ask in (_in_sessions, *_REGISTERED)]
    found = {}
    for one, mine in certain.items():
        if hers := [known[id] for known in said for id in mine if id in known]:
            found[one] = max(hers)[1]
    return found


# As she has chosen last, in a shop where she had proved who she is.
_IN_SESSIONS = """
SELECT DISTINCT ON (identifier_id) identifier_id, used_at, language
FROM shoppers_shopper WHERE identifier_id = ANY(%s) ORDER BY identifier_id, used_at DESC
"""


def _in_sessions(ids: Collection[int]) -> dict[int, tuple[datetime, str]]:
    return {id: (at, language) for id, at, language in sql.rows(_IN_SESSIONS, [list(ids)])}
