"""What is refused of content."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from spindel.kit.refusal import Said, refused

REFUSALS = {
    "no_such_content": Said(_("There is no such content."), 404),
    "content_ended": refused(_("The content has ended. Make a new one.")),
    "content_was_given": refused(_("The content was given already: it can be paused or ended.")),
    "bad_content": Said(_("This is no content: %(why)s"), 422),
}
