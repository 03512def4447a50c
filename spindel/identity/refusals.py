"""What is refused about who is who."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from spindel.kit.refusal import Said, refused

REFUSALS = {
    "no_such_customer": Said(_("There is no customer with this id."), 404),
    "nothing_asked": Said(_("Say whom you look for, with identifier= or q=."), 400),
    "no_kind": Said(_("Write kind:value; the kinds are %(kinds)s."), 400, api="bad_identifier"),
    "unknown_identifier": Said(_("Not all of these identifiers are known."), 400),
    "one_already": refused(_("They are one customer already.")),
    "not_theirs": refused(_("Not all of these are this customer's identifiers.")),
    "nothing_chosen": refused(_("Choose what belongs to the other person.")),
    "nothing_stays": refused(_("Something must stay with this customer.")),
    "undone_already": refused(_("This is undone already.")),
    "joins_nothing": refused(_("This link joins nothing: something else does.")),
    "nothing_to_split": refused(_("There is nothing to take apart.")),
    "odd_trait": refused(
        _("A trait has a name of at most 64 and a value of at most 2,000 characters.")
    ),
    "odd_note": refused(_("A note has at most 2,000 characters, and at least one.")),
}
