"""What other systems tell of that no domain here knows more about: visits, talks and apps."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from spindel.timeline import phrases
from spindel.timeline.diary import Kind, Sentence, Together, sentence
from spindel.timeline.phrases import N_, Properties
from spindel.timeline.reading import FactRow

# --- a visit --------------------------------------------------------------------------------------


def _visit(facts: list[FactRow]) -> SafeString:
    """What a visit was about: what was searched for and looked at, in the order it happened."""
    in_order = facts[::-1]
    products = [str(phrases.product(f.properties)) for f in in_order if f.name == "Product Viewed"]
    if len(set(products)) == 1:
        one = mark_safe(products[0])  # noqa: S308 - escaped
        seen = phrases.say(_("Looked at %(product)s"), product=one)
        return phrases.detailed(seen, phrases.times(len(products)) if len(products) > 1 else "")
    if products:
        distinct = [mark_safe(one) for one in dict.fromkeys(products)]  # noqa: S308 - escaped
        return phrases.say(_("Looked at %(product)s"), product=phrases.some(distinct))
    for fact in in_order:
        if fact.name == "Products Searched":
            return sentence(fact.name, fact.properties)
    names = [_named(f.properties) for f in in_order if f.name != "Promotion Viewed"]
    pages = [str(phrases.em(name)) for name in names if name]
    if not pages:
        return phrases.say(_("Looked around"))
    distinct = [mark_safe(one) for one in dict.fromkeys(pages)]  # noqa: S308 - escaped
    return phrases.say(_("Looked around: %(pages)s"), pages=phrases.some(distinct, 3))


def _named(p: Properties) -> str:
    return phrases.text(p.get("name")) or phrases.text(p.get("category"))


VISIT = Together("browsing", lambda fact: fact.channel, _visit)


def _page(p: Properties) -> SafeString:
    name = (
        phrases.text(p.get("name")) or phrases.text(p.get("title")) or phrases.text(p.get("path"))
    )
    return (
        phrases.say(_("Looked at the page %(page)s"), page=phrases.em(name))
        if name
        else phrases.say(_("Looked at a page"))
    )


def _screen(p: Properties) -> SafeString:
    name = phrases.text(p.get("name"))
    return (
        phrases.say(_("Looked at the screen %(screen)s"), screen=phrases.em(name))
        if name
        else phrases.say(_("Looked at a screen"))
    )


def _ad(p: Properties) -> SafeString:
    network, campaign = phrases.text(p.get("network")).title(), phrases.text(p.get("campaign"))
    if network and campaign:
        return phrases.say(
            _("Clicked an ad on %(network)s, %(campaign)s"),
            network=network,
            campaign=phrases.em(campaign),
        )
    return phrases.say(_("Clicked an ad"))


def _visited(p: Properties) -> SafeString:
    store = phrases.store(p)
    return (
        phrases.say(_("Came to %(store)s"), store=store)
        if store
        else phrases.say(_("Came to a store"))
    )


VISITS = (
    Sentence("Page Viewed", _page, Kind.BROWSING, together=VISIT, of_things=True),
    Sentence("Screen Viewed", _screen, Kind.BROWSING, together=VISIT, of_things=True),
    Sentence("Ad Clicked", _ad, Kind.BROWSING),
    Sentence("Application Installed", phrases.plain(N_("Installed the app"))),
    Sentence("Application Opened", phrases.plain(N_("Opened the app"))),
    Sentence("Application Updated", phrases.plain(N_("Updated the app"))),
    Sentence("Store Visited", _visited),
)


# --- talking --------------------------------------------------------------------------------------


def _conversation(facts: list[FactRow]) -> SafeString:
    messages = sum(fact.name.startswith("Live Chat Message") for fact in facts)
    agent = next(
        (name for f in facts if (name := phrases.text(f.properties.get("agent_name")))), ""
    )
    told = (
        phrases.say(_("Chatted with %(agent)s"), agent=agent)
        if agent
        else phrases.say(_("Chatted"))
    )
    if not messages:
        return told
    return phrases.detailed(
        told, ngettext("%(count)s message", "%(count)s messages", messages) % {"count": messages}
    )


def _talked(facts: list[FactRow]) -> SafeString:
    return sentence(facts[0].name, facts[0].properties)


CHAT = Together(
    "chat", lambda fact: phrases.text(fact.properties.get("conversation_id")), _conversation
)
CALL = Together(
    "call", lambda fact: phrases.text(fact.properties.get("call_id")) or str(fact.id), _talked
)


def _message(message: str, nobody: str) -> Callable[[Properties], SafeString]:
    def tell(p: Properties) -> SafeString:
        agent, body = phrases.text(p.get("agent_name")), phrases.text(p.get("message_body"), 400)
        told = phrases.say(_(message), agent=agent) if agent else phrases.say(_(nobody))
        return phrases.say("%(one)s: %(two)s", one=told, two=phrases.quoted(body)) if body else told

    return tell


def _chat(message: str, nobody: str) -> Callable[[Properties], SafeString]:
    def tell(p: Properties) -> SafeString:
        agent = phrases.text(p.get("agent_name"))
        return phrases.say(_(message), agent=agent) if agent else phrases.say(_(nobody))

    return tell


def _called(p: Properties) -> SafeString:
    if phrases.text(p.get("direction")) == "outbound":
        return phrases.say(_("Was called"))
    return phrases.say(_("Called"))


def _call_ended(p: Properties) -> SafeString:
    agent, reason = phrases.text(p.get("agent_name")), phrases.reason(p)
    if agent and reason:
        told = phrases.say(_("Talked with %(agent)s about %(reason)s"), agent=agent, reason=reason)
    elif agent:
        told = phrases.say(_("Talked with %(agent)s"), agent=agent)
    else:
        told = phrases.say(_("Ended a call"))
    return phrases.detailed(told, phrases.minutes(p))


TALKS = (
    Sentence(
        "Live Chat Conversation Started",
        _chat(N_("Began a chat with %(agent)s"), N_("Began a chat")),
        Kind.TALKING,
        together=CHAT,
    ),
    Sentence(
        "Live Chat Conversation Ended",
        _chat(N_("Ended the chat with %(agent)s"), N_("Ended the chat")),
        Kind.TALKING,
        together=CHAT,
    ),
    Sentence(
        "Live Chat Message Sent",
        _message(N_("Wrote to %(agent)s"), N_("Wrote")),
        Kind.TALKING,
        together=CHAT,
    ),
    Sentence(
        "Live Chat Message Received",
        _message(N_("%(agent)s answered"), N_("Got an answer")),
        Kind.TALKING,
        together=CHAT,
    ),
    Sentence("Call Started", _called, Kind.TALKING, together=CALL),
    Sentence("Call Ended", _call_ended, Kind.TALKING, together=CALL),
)

REASONS = {
    "size": gettext_lazy("the size"),
    "stock": gettext_lazy("the stock"),
    "delivery": gettext_lazy("the delivery"),
    "return": gettext_lazy("a return"),
    "order": gettext_lazy("an order"),
    "complaint": gettext_lazy("a complaint"),
}

SENTENCES = (*VISITS, *TALKS)
