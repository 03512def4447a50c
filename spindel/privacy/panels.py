"""What stands on a customer's page about what is kept of her."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from spindel.identity.customer_page import PageLink

LINKS = (
    PageLink(
        "privacy-customer",
        _("What is kept about this customer, and forgetting it"),
        "eye",
        "privacy.tell",
    ),
)
