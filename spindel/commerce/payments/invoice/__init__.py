"""Paid by an invoice that goes with the goods. Taken means here: it is on the invoice."""

from django.utils.translation import gettext_lazy as _

from spindel.commerce.payments.manual import Books

PROVIDER = Books("invoice", _("Invoice"))
