"""Mail that goes out, in sentences."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from spindel.timeline import phrases
from spindel.timeline.diary import Kind, Sentence
from spindel.timeline.phrases import N_, Properties


def _mail(message: str, nothing: str) -> Callable[[Properties], SafeString]:
    def tell(p: Properties) -> SafeString:
        subject = phrases.text(p.get("email_subject")) or phrases.text(p.get("campaign_name"))
        return (
            phrases.say(_(message), subject=phrases.em(subject))
            if subject
            else phrases.say(_(nothing))
        )

    return tell


SENTENCES = (
    Sentence(
        "Email Delivered", _mail(N_("Was sent %(subject)s"), N_("Was sent an e-mail")), Kind.MAIL
    ),
    Sentence("Email Opened", _mail(N_("Opened %(subject)s"), N_("Opened an e-mail")), Kind.MAIL),
    Sentence(
        "Email Link Clicked",
        _mail(N_("Followed a link in %(subject)s"), N_("Followed a link in an e-mail")),
        Kind.MAIL,
    ),
    Sentence(
        "Email Bounced",
        _mail(
            N_("%(subject)s did not reach the customer"), N_("An e-mail did not reach the customer")
        ),
        Kind.MAIL,
    ),
    Sentence(
        "Email Marked as Spam",
        _mail(N_("Marked %(subject)s as spam"), N_("Marked an e-mail as spam")),
        Kind.MAIL,
    ),
    Sentence("Unsubscribed", phrases.plain(N_("Unsubscribed from the newsletter")), Kind.MAIL),
)
