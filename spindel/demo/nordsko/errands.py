"""What the stores have to do today: pairs to set aside, and pairs that wait to be fetched."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from random import Random

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from spindel.catalogue.closing_times import ends
from spindel.catalogue.models import Place
from spindel.commerce.common.rules import Line
from spindel.commerce.stock.actions import holds
from spindel.commerce.stock.models import Hold, Level
from spindel.demo.nordsko.catalogue import PRODUCTS
from spindel.demo.nordsko.ordered import MOST_BUYERS
from spindel.demo.nordsko.seasons import Calendar
from spindel.demo.nordsko.shelves import TOLD
from spindel.demo.nordsko.town import SHELVES
from spindel.demo.nordsko.trade import Buyer, buyers
from spindel.kit.idempotency import Request
from spindel.staff.actors import Actor
from spindel.staff.models import User
from spindel.timeline.models import Channel

_SOURCE = "nordsko errands"
_CHANNELS = (Channel.WEB, Channel.PHONE, Channel.CHAT, Channel.APP)
_IN_EACH = 5  # of which some lie ready
_TRIES = 20


def bring_errands(agent: User | None) -> None:
    """Have something held in every store where nothing is; where something is, nothing changes."""
    now = timezone.now()
    stores = Place.objects.filter(hands_over=True, closed_at=None).order_by("code")
    held = Hold.objects.filter(order_line_id=None, state=Hold.State.ACTIVE, until__gt=now)
    idle = stores.exclude(pk__in=held.values("place"))
    if not idle:
        return
    people = list(islice(buyers(now), MOST_BUYERS, None))
    for store in idle:
        with transaction.atomic():
            _bring(store, people, agent)


def _bring(store: Place, people: list[Buyer], agent: User | None) -> None:
    # Whatever was held here before has ended: how many it were says which round this is.
    ended = Hold.objects.filter(place=store).count()
    dice = Random(f"{store.code} {ended}")
    for number, (buyer, variant) in enumerate(_wishes(store, people, dice)):
        channel = dice.choice(_CHANNELS)
        promised = agent if channel in (Channel.PHONE, Channel.CHAT) else None
        (hold,) = holds.reserve(
            [Line(variant, store.pk, 1)],
            ends("tomorrow", store, timezone.now()),
            request=Request(_SOURCE, f"{store.code}/{ended}/{number}"),
            actor=Actor(str(promised or ""), promised.pk if promised else None, channel=channel),
            whose=buyer.whose,
            asked="tomorrow",
        )
        if number % 2:
            holds.set_aside(hold.pk)


def _wishes(store: Place, people: list[Buyer], dice: Random) -> Iterator[tuple[Buyer, int]]:
    """Who wants which variant: it fits her and the season, and the store has more of it."""
    now = timezone.now()
    wanted = Calendar(now, now).days[0].wanted
    there = Level.objects.filter(place=store, on_hand__gte=F("held") + 2)
    free = dict(there.exclude(variant__sku__in=TOLD).values_list("variant__sku", "variant"))
    found = 0
    for buyer in dice.sample(people, len(people)):
        for _ in range(_TRIES):
            shelf = SHELVES.get((dice.choice(wanted), buyer.person.woman)) or [*PRODUCTS]
            product = dice.choice(shelf)
            variant = product.variant(buyer.person.foot, dice.choice(product.colours))
            if variant.sku in free:
                yield buyer, free.pop(variant.sku)
                found += 1
                break
        if found == _IN_EACH:
            return
