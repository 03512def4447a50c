"""Where customers stand in the navigation."""

from django.utils.translation import gettext_lazy as _

from spindel.staff.navigation import Entry, Group

ENTRIES = (Entry(Group.CUSTOMERS, "customers", _("Customers"), "users", "customers.read"),)
