"""What is refused in any room of commerce: goods, places, contacts and addresses."""

from __future__ import annotations

from functools import partial

from django.utils.translation import gettext_noop as _

from spindel.kit.refusal import Said, refused

_contact = partial(Said, status=422, api="bad_contact")
_address = partial(Said, status=422, api="bad_address")
_payment = partial(Said, status=422, api="bad_payment")

REFUSALS = {
    "no_lines": refused(_("There are no lines.")),
    "no_quantity": refused(_("A quantity is 1 or more.")),
    "quantity_too_large": refused(_("A quantity is at most %(most)s.")),
    "not_collected_in_market": refused(
        _(
            "Goods are collected in the country whose prices they have: choose a store there, or"
            " change the country, and so the prices."
        )
    ),
    "not_sent_in_market": refused(
        _(
            "Goods are sent within the country whose prices they have: give an address there, or"
            " change the country, and so the prices."
        )
    ),
    "bad_identifier": Said(
        _("Write kind:value, such as email:anna@example.com or phone:+46701740605."), 422
    ),
    "no_such_variant": Said(_("There is no variant %(names)s."), 404),
    "no_such_place": Said(_("There is no place %(names)s."), 404),
    "no_such_link": Said(_("There is nothing behind this link."), 404),
    "no_reach": _contact(_("An e-mail address or a telephone number is needed.")),
    "no_name": _contact(_("Say who it is for: a name is needed.")),
    "no_phone": _contact(_("This is no telephone number.")),
    "no_such_country": _address(_("There is no such country.")),
    "no_street": _address(_("Say where it is to be sent: the street is needed.")),
    "no_postcode": _address(_("Say where it is to be sent: the postcode is needed.")),
    "odd_postcode": _address(_("This is no postcode there; they look like %(example)s.")),
    "no_city": _address(_("Say where it is to be sent: the city is needed.")),
    "not_enough": Said(_("There is not enough; nothing was ordered.")),
    "not_paid_in_store": _payment(_("What is sent can’t be paid in a store.")),
}
