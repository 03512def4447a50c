"""How goods come to whoever buys them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Fulfilment(models.TextChoices):
    """How goods come to whoever buys them."""

    SHIP = "ship", _("Sent to the customer")
    PICK_UP = "pick_up", _("Picked up in a store")
    HAND_OVER = "hand_over", _("Handed over at once")
