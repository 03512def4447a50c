"""What Nordsko has promised Anna: on the phone a price, in the chat an amount."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from spindel.catalogue.markets import Market
from spindel.catalogue.models import Variant
from spindel.demo.nordsko.story import SLIPPERS
from spindel.identity.ownership import Under
from spindel.kit.idempotency import Request
from spindel.offers.mandates import MANDATES
from spindel.offers.models import PricePromise
from spindel.offers.promise_actions import Wanted, promise_price
from spindel.offers.terms import AmountOff, PercentOff
from spindel.staff.actors import Actor
from spindel.staff.models import Role, User
from spindel.timeline.models import Channel


def promise(anna: Under, agent: User) -> None:
    """Promise it, as the agent does. Again: nothing."""
    if PricePromise.objects.filter(identifier=anna).exists():
        return  # those of an earlier start hold until other days
    slippers = Variant.objects.select_related("product").get(sku=SLIPPERS.sku).product.number
    now = timezone.now()
    on_the_phone = Wanted(
        benefit=PercentOff(1_000),
        products=[slippers],
        until=now + timedelta(days=5),
        why="Tvekade mellan två par.",
    )
    in_the_chat = Wanted(
        benefit=AmountOff({"SEK": 10_000}),
        until=now + timedelta(days=14),
        why="Paketet kom en dag för sent.",
    )
    for channel, wanted in ((Channel.PHONE, on_the_phone), (Channel.CHAT, in_the_chat)):
        promise_price(
            anna,
            wanted,
            Market("SE", "SEK", "sv"),
            MANDATES[Role(agent.role)],
            actor=Actor(str(agent), agent.pk, channel),
            request=Request("nordsko", f"promise/{channel}"),
        )
