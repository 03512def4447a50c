"""All that the audit says no to, in words."""

from django.utils.translation import gettext_noop as _

from spindel.kit.refusal import Said, refused

REFUSALS = {
    "audit_runs": refused(_("An audit is running already: wait until it is done.")),
    "not_fetched": Said(_("%(address)s could not be read: %(why)s"), 422),
}
