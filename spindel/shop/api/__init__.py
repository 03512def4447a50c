"""What a shop does for its shoppers. Each is let into what is her own, by a key of her session.

The shop's server asks for a key with its token; from then on everything is asked with the key, so
the shop's own token opens nobody's cart and nobody's orders.
"""

from __future__ import annotations

from ninja import Router

from spindel.shop.api import cart, club, decide, holds, orders, prices, promises, session, wishes
from spindel.staff.api import Routes

router = Router(tags=["Shop"])
for _part in (session, cart, prices, promises, decide, orders, holds, wishes, club):
    router.add_router("", _part.router)

ROUTES = (
    Routes(
        "/shop",
        router,
        "Shop",
        "For the shop’s own pages: what one shopper sees and does, by their session’s key.",
        rank=-1,  # it is asked most, and addresses are tried in turn
    ),
)
