"""Shoppers come to a shop, prove who they are, and leave."""

from __future__ import annotations

import secrets
import uuid
from datetime import timedelta
from urllib.parse import urlencode

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from spindel.catalogue.markets import Market
from spindel.identity import graph, identifiers
from spindel.identity.rules import NOWHERE, normalise
from spindel.kit import environment, sql
from spindel.kit.actions import action
from spindel.kit.refusal import Refusal
from spindel.messages.actions import Outgoing, send_mail
from spindel.messages.rules import NotSent, address_of
from spindel.shoppers import proved
from spindel.shoppers import reading as shoppers
from spindel.shoppers.facts import SignedIn
from spindel.shoppers.models import LoginLink, Shopper
from spindel.timeline.models import Channel
from spindel.timeline.recording import record

LINK_LASTS = timedelta(minutes=30)
_MOST_LINKS = 5  # that are good at a time
# Asked for in so long: by one session; from one network address that the shop tells; and where it
# tells none, from the address that connects, which most often is the shop's own for all shoppers.
_COUNTED = timedelta(hours=1)
_MOST_OF_SESSION = 5
_MOST_OF_NETWORK = 30
_MOST_OF_CALLER = 300
_PREFIX = "sh_"

NOBODYS = "That a browser came to a shop is told by the shop’s own script, where she consents."


@action(silent=NOBODYS)
def let_in(
    *,
    browser: int | None,
    market: Market,
    channel: str = Channel.WEB,
    shop: str = "",
    proved: int | None = None,
    address: str = "",
) -> str:
    """Begin a session for a device; its secret. `proved` is who the shop's own login says she is,
    `address` the device's network address, if it is known.

    Raises Refusal where neither is told, and recording.Gone.
    """
    if browser is None and proved is None:
        raise Refusal("no_browser_said")
    identifiers.stay((browser, proved))
    secret = _secret()
    Shopper.objects.create(
        digest=shoppers.digest(secret),
        browser_id=browser,
        identifier_id=proved,
        market=market.market,
        currency=market.currency,
        language=market.language,
        channel=channel,
        shop=shop,
        network=shoppers.network(address),
    )
    return secret


def _secret() -> str:
    return _PREFIX + secrets.token_urlsafe(32)


@action(silent="Asking for a link says nothing of her: anybody can type her address.")
def mail_link(email: str, *, back: str, language: str, shopper: Shopper, caller: str) -> None:
    """Mail a link to the address, in its normal form, by which its owner can log in; a few at a
    time at most.

    `caller` is the network address that asks. Nothing is said of whether anybody has the mail
    address. Raises Refusal for what is none, and where the shop's address is not set; and
    TooManyLinks, whoever's address it is, where the session or its network has asked for many.
    """
    shop = environment.value("SPINDEL_SHOP_URL").rstrip("/")
    if not shop:
        raise Refusal("shop_not_set")
    normal = normalise("email", email, NOWHERE)
    if normal is None:
        raise Refusal("no_address")
    try:
        address_of(normal)
    except NotSent:
        raise Refusal("no_address") from None
    identifier = identifiers.identifier("email", normal)
    # Of many who ask at once one comes after the other, and is counted.
    sql.rows("SELECT FROM identity_identifier WHERE id = %s FOR NO KEY UPDATE", [identifier])
    network = _count(Shopper.objects.select_for_update().get(pk=shopper.pk), caller)
    if identifier is None:
        return
    now = timezone.now()
    good = LoginLink.objects.filter(identifier_id=identifier, used_at=None, ends_at__gt=now)
    if good.count() >= _MOST_LINKS:
        return
    code, ends_at = secrets.token_urlsafe(24), now + LINK_LASTS
    LoginLink.objects.create(
        digest=shoppers.digest(code),
        identifier_id=identifier,
        shopper=shopper,
        network=network,
        ends_at=ends_at,
    )
    link = f"{shop}/login?{urlencode({'code': code, 'back': back})}"
    with translation.override(language):
        send_mail(
            Outgoing(
                # What the link proves, and not what was typed: where a server does tell capitals or
                # dots apart, that is somebody else's mailbox.
                to=normal,
                subject=_("Log in"),
                text=_(
                    "Open this link to log in:\n\n%(link)s\n\nIt works once, for half an hour."
                    " If you did not ask for it, do nothing."
                )
                % {"link": link},
                language=language,
                purpose="login",
                key=uuid.uuid4(),
                identifier=identifier,
                ends_at=ends_at,
            )
        )


class TooManyLinks(Refusal):
    """The session, or others of its network, have asked for many links just now."""

    code = "too_many_links"


def _count(shopper: Shopper, caller: str) -> str:
    """What the link is counted with. Raises TooManyLinks."""
    lately = LoginLink.objects.filter(made_at__gt=timezone.now() - _COUNTED)
    if lately.filter(shopper=shopper).count() >= _MOST_OF_SESSION:
        raise TooManyLinks
    network, most = shopper.network, _MOST_OF_NETWORK
    if not network:
        network, most = shoppers.caller(caller), _MOST_OF_CALLER
    # Of many sessions of a network, too, one comes after the other. It is the last lock taken here.
    sql.rows("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [network])
    if lately.filter(network=network).count() >= most:
        raise TooManyLinks
    return network


class AskedElsewhere(Refusal):
    """Another session has asked for the link: whoever has come by it says as whom she logs in."""

    code = "asked_elsewhere"


@action(records="Signed In")
def log_in(digest: bytes, code: str, *, confirmed: bool = False) -> None:
    """Take the link as the proof of who has the session; her carts become one.

    `confirmed`: she was shown as whom, and goes on. Without it a link logs in nobody but the
    session that has asked for it: somebody may have sent her his own, to have her cart.
    Raises reading.NoSuchLogin, AskedElsewhere, and reading.NoShopper.
    """
    found = LoginLink.objects.select_for_update().filter(digest=shoppers.digest(code)).first()
    link = shoppers.good(found)
    assert link.identifier_id is not None
    if not confirmed and shoppers.find(digest).pk != link.shopper_id:
        raise AskedElsewhere
    link.used_at = timezone.now()
    link.save(update_fields=["used_at"])
    _prove(digest, link.identifier_id)


@action(records="Signed In")
def log_in_anew(digest: bytes, code: str, *, confirmed: bool = False) -> str:
    """As `log_in`, and the session has another secret from then on, which is answered: whoever was
    at the device before her, and knows the old one, is not let in as her.
    """
    log_in(digest, code, confirmed=confirmed)
    secret = _secret()
    Shopper.objects.filter(digest=digest).update(digest=shoppers.digest(secret))
    return secret


def _prove(digest: bytes, identifier: int) -> None:
    """Give the session to whoever has the identifier, and her what was in its cart."""
    graph.lock_shared()
    shopper = Shopper.objects.select_for_update().filter(digest=digest, ended_at=None).first()
    if shopper is None:
        raise shoppers.NoShopper
    if shopper.identifier_id not in (None, identifier):
        proved.leave(shopper)
    shopper.identifier_id = identifier
    shopper.save(update_fields=["identifier"])
    proved.bring(shopper, identifier)
    also = [shopper.browser_id] if shopper.browser_id is not None else []
    record(SignedIn(method="link"), identifier, shopper.channel, also=also)


NOTE_EVERY = timedelta(days=1)


@action(silent=NOBODYS)
def note_use(shopper: Shopper) -> None:
    """Have it known that the session is in use, once a day: others are put away in the end."""
    late = timezone.now() - NOTE_EVERY
    Shopper.objects.filter(pk=shopper.pk, used_at__lt=late).update(used_at=timezone.now())


@action(silent=NOBODYS)
def let_out(digest: bytes) -> None:
    """End the session. Again: nothing."""
    Shopper.objects.filter(digest=digest, ended_at=None).update(ended_at=timezone.now())
