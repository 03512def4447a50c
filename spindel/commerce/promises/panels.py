"""What stands on a customer's page of what she was promised."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from spindel.identity.customer_page import Doing
from spindel.staff.pages import Panel


def _new(customer: int) -> str:
    return reverse("promise-new", args=[customer])


PANELS = (Panel("promises", "promises-of", "orders.see", rank=2),)
DOES = (Doing(_new, _("Promise a price"), "tag", "promises.make"),)
