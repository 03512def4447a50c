"""Telling the customer's timeline of what is held for her."""

from __future__ import annotations

import json
from dataclasses import fields

from spindel.commerce.stock.facts import (
    ReservationCollected,
    ReservationFailed,
    ReservationPutBack,
    ReservationReady,
    StockReserved,
)
from spindel.commerce.stock.models import Hold
from spindel.kit import sql
from spindel.timeline.models import Channel
from spindel.timeline.recording import Recorded, record

# What is told of a hold: the fields of facts._OfHold. Of names the first that there is.
GOODS = """
jsonb_build_object(
    'hold_id', {hold}, 'store', p.code, 'store_name', p.name, 'product_id', o.number,
    'name', coalesce(o.names->>'sv', o.names->>'da', o.names->>'en', o.number), 'sku', v.sku,
    'variant', (SELECT coalesce(string_agg(value, ', ' ORDER BY key DESC), '')
                FROM jsonb_each_text(v.options)),
    'quantity', {quantity}, 'until', {until})
"""

_DESCRIBE = f"""
SELECT {GOODS.format(hold="h.id", quantity="h.quantity", until="NULL")}
FROM stock_hold h
JOIN catalogue_variant v ON v.id = h.variant_id
JOIN catalogue_product o ON o.id = v.product_id
JOIN catalogue_place p ON p.id = h.place_id
WHERE h.id = %s
"""  # noqa: S608  # put together from constants

_IN_STORE = (ReservationReady, ReservationPutBack, ReservationCollected, ReservationFailed)


def record_hold(kind: type[Recorded], hold: Hold, **more: str) -> None:
    """Record the fact on the timeline of whoever it is held for, where that is known.

    What happens in the store is told on its channel, whichever she has asked on.
    """
    if hold.identifier_id is None:
        return
    row = sql.row(_DESCRIBE, [hold.pk])
    assert row is not None
    goods = json.loads(row[0])
    told = {one.name: goods[one.name] for one in fields(StockReserved)}
    fact = kind(**told | {"until": hold.until.isoformat()} | more)
    record(fact, hold.identifier_id, Channel.STORE if kind in _IN_STORE else hold.channel)
