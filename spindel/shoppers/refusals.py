"""What is refused of a shopper's session, and of what proves whose it is."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from spindel.kit.refusal import Said, refused

REFUSALS = {
    "no_session": Said(_("The session is over. Begin a new one."), 401),
    "not_known": Said(_("Log in first."), 403),
    "no_browser_said": refused(_("Say which browser it is.")),
    "shop_not_set": refused(_("SPINDEL_SHOP_URL is not set: no link can lead to the shop.")),
    "no_address": refused(_("This is no address.")),
    "too_many_links": Said(
        _("Many links were asked for just now. Wait an hour, or use one that has come."),
        429,
        api="too_many",
    ),
    "used": Said(_("The link is not good any more. Ask for another."), 410),
    "expired": Said(_("The link is not good any more. Ask for another."), 410),
    "asked_elsewhere": Said(
        _("Another session has asked for this link. Show as whom it logs in, and confirm it.")
    ),
    "too_many_held": Said(_("At most %(most)s are held for one at a time."), api="too_many"),
}
