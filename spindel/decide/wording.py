"""Placements, screens and reasons in words, for people here."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as N_

from spindel.decide.contents import Part, Placement, Screen
from spindel.decide.ranking import Because, LeftOut, NotShown, Why
from spindel.offers.basket import Reason

PLACEMENTS = {
    Placement.START: gettext_lazy("Start page"),
    Placement.PRODUCT: gettext_lazy("Product page"),
    Placement.APP: gettext_lazy("Card in the app"),
    Placement.MAIL: gettext_lazy("Slot in a mail"),
    Placement.TILL: gettext_lazy("Display at the till"),
    Placement.AGENT: gettext_lazy("Beside the customer, for customer service"),
}
SCREENS = {
    Screen.PHONE: gettext_lazy("Phone"),
    Screen.LAPTOP: gettext_lazy("Laptop"),
    Screen.TABLET: gettext_lazy("Tablet"),
    Screen.TILL: gettext_lazy("Till display"),
}
PARTS = {
    Part.TEXT: gettext_lazy("the text"),
    Part.PICTURE: gettext_lazy("the picture"),
    Part.LINK: gettext_lazy("the link"),
}

_BECAUSE = {
    Because.OFFER: N_("the offer %(about)s holds"),
    Because.THIS_PRODUCT: N_("it is about this product"),
    Because.LOOKED_AT: N_("has looked at %(about)s"),
    Because.BOUGHT: N_("has bought %(about)s"),
    Because.IN_HER_STORE: N_("%(about)s has it in stock"),
    Because.IN_HER_SIZE: N_("%(about)s has it in the right size"),
}
_LEFT_OUT = {
    LeftOut.DISMISSED: N_("does not want to see it again"),
    LeftOut.WRONG_MARKET: N_("not in this market"),
    LeftOut.NOT_YET: N_("not yet"),
    LeftOut.EXPIRED: N_("no longer"),
    LeftOut.NOT_FOR_HER: N_("not for this customer"),
    LeftOut.OTHER_GOODS: N_("about other goods"),
    LeftOut.NO_OFFER: N_("its offer is not given"),
    LeftOut.OFFER: N_("its offer does not hold"),
}
_OF_OFFERS = {
    Reason.WRONG_MARKET: N_("its offer is not for this market"),
    Reason.NOT_YET: N_("its offer has not begun"),
    Reason.EXPIRED: N_("its offer is over"),
    Reason.NOT_NOW: N_("its offer does not hold at this hour"),
    Reason.NOT_FOR_HER: N_("its offer is not for this customer"),
    Reason.USED_UP: N_("its offer is used up"),
    Reason.USED_BY_HER: N_("its offer was used already"),
}


def why(reason: Why) -> str:
    """Why something is shown: "she has looked at vinga"."""
    return _(_BECAUSE[reason.because]) % {"about": reason.about}


def why_not(one: NotShown) -> str:
    """Why something is not shown."""
    of_offer = _OF_OFFERS.get(one.of_offer) if one.of_offer else None
    return _(of_offer or _LEFT_OUT[one.reason])
