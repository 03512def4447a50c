"""What is refused about goods and places; a row of a feed is refused for itself, in its report."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from spindel.kit.refusal import Said, refused

REFUSALS = {
    "no_such_product": Said(_("There is no product with this number."), 404),
    "product_not_sold": Said(_("No product with this number is sold."), 404, api="no_such_product"),
    "too_many_go": refused(_("%(gone)s of %(sold)s variants would go, more than %(at_most)s %%.")),
    "bad_position": Said(_("%(why)s"), 400),
}
