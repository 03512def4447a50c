"""What is held of a customer's carts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext_lazy as _

from spindel.commerce.carts import retention
from spindel.commerce.common.personal import say_goods
from spindel.kit.register import Holding, Subject, ids_of, rows_naming_her, told

_CARTS = f"""
{rows_naming_her("carts_cart", "made_at")}
UNION SELECT id FROM carts_cart WHERE customer_id = %(customer)s
"""  # noqa: S608  # put together from constants
_TELL_CARTS = f"""
SELECT c.id, c.made_at, c.changed_at, c.state, c.market, (
    SELECT jsonb_agg(jsonb_build_object('sku', v.sku, 'quantity', l.quantity, 'saved', l.saved,
                                        'fulfilment', l.fulfilment, 'store_name', p.name,
                                        'added_at', l.added_at) ORDER BY l.added_at, l.id)
    FROM carts_cartline l JOIN catalogue_variant v ON v.id = l.variant_id
    LEFT JOIN catalogue_place p ON p.id = l.place_id WHERE l.cart_id = c.id)
FROM carts_cart c WHERE c.id IN ({_CARTS}) ORDER BY c.made_at, c.id
"""  # noqa: S608  # put together from constants


def _tell_carts(who: Subject) -> Iterator[Mapping[str, object]]:
    names = ("cart_id", "at", "changed_at", "state", "market", "lines")
    return told(_TELL_CARTS, names, who.parameters, ["lines"])


def _forget_carts(who: Subject, limit: int | None) -> int:
    return retention.remove_carts(ids_of(_CARTS, who))


HOLDINGS = (
    Holding(
        name=_("Carts"),
        tables=("carts_cart", "carts_cartline", "carts_cartmerge"),
        tell=_tell_carts,
        forget=_forget_carts,
        say=say_goods,
        rank=1,
    ),
)
FREE: Mapping[str, str] = {}
