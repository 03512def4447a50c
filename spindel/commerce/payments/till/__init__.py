"""Paid over the counter, while the goods go over it."""

from django.utils.translation import gettext_lazy as _

from spindel.commerce.payments.manual import Books

PROVIDER = Books("till", _("At the till"))
