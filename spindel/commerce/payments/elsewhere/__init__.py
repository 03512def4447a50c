"""Paid to another system, which has told of it: what goes back is paid back there."""

from django.utils.translation import gettext_lazy as _

from spindel.commerce.payments.manual import Books

PROVIDER = Books("elsewhere", _("Where it was bought"))
