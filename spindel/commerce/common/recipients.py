"""Where somebody is written to, and in which language: by what is certain of her.

`certain` is what `ownership.proven_each` answers: of each identifier those that are certainly the
same person's.
"""

from __future__ import annotations

from collections.abc import Mapping

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


# As she has chosen last, in a shop where she had proved who she is, or for an order of hers.
_LANGUAGES = """
SELECT DISTINCT ON (hers.one) hers.one, said.language
FROM unnest(%(ones)s::bigint[], %(ids)s::bigint[]) AS hers (one, id)
CROSS JOIN LATERAL (
    SELECT language, used_at AS at FROM shoppers_shopper WHERE identifier_id = hers.id
    UNION ALL
    SELECT language, placed_at FROM orders_order WHERE identifier_id = hers.id AND proved
) said
ORDER BY hers.one, said.at DESC
"""


def languages(certain: Certain) -> dict[int, str]:
    """In which language she was last spoken with, where she was."""
    pairs = [(one, id) for one, mine in certain.items() for id in sorted(mine)]
    words = {"ones": [one for one, _ in pairs], "ids": [id for _, id in pairs]}
    return dict(sql.rows(_LANGUAGES, words))
