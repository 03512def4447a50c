"""Paid in the store, when she collects the goods."""

from django.utils.translation import gettext_lazy as _

from spindel.commerce.payments.manual import Books

PROVIDER = Books("store", _("In the store, when you collect it"))
