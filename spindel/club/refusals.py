"""What the club says no to, in words."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from spindel.kit.refusal import Said, refused

REFUSALS = {
    "no_member": Said(_("This customer is no member of the club."), 404),
    "club_closed": refused(_("The club takes in nobody now.")),
    "too_few_points": refused(_("It takes %(points)s points, and %(available)s can be spent.")),
    "odd_terms": Said(_("The club can’t work like this: %(why)s"), 422),
    "odd_correction": refused(
        _("A correction is by at most 1,000,000 points, not by none, and says why.")
    ),
    "bad_contact": Said(
        _("This is no telephone number and no e-mail address that somebody could have."), 422
    ),
}
