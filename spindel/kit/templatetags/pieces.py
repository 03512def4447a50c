"""Pieces that pages repeat: written here once, so that a change of one is a change of all."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django import template
from django.forms import BoundField
from django.template.base import NodeList, Parser, Token
from django.template.base import render_value_in_context as shown
from django.template.context import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from spindel.kit.templatetags.look import icon, number

register = template.Library()


def inside(content: str) -> SafeString:
    """What stands between the tags of a block; the template has escaped it."""
    return mark_safe(content.strip())  # noqa: S308 - see above


@register.simple_block_tag
def notice(content: SafeString, mark: str, tone: str = "", role: str = "") -> SafeString:
    """What a page says before all else, behind an icon; its tone is "bad", "warn" or none."""
    return format_html(
        '<p class="notice{}"{}>{}<span>{}</span></p>',
        f" notice-{tone}" if tone else "",
        format_html(' role="{}"', role) if role else "",
        icon(mark),
        inside(content),
    )


@register.simple_tag(takes_context=True)
def term(context: Context, label: str, value: object, shape: str = "") -> SafeString:
    """A line of a `dl`: what it is, and how much or which. The shape is a class."""
    return format_html(
        "<div{}><dt>{}</dt><dd>{}</dd></div>",
        format_html(' class="{}"', shape) if shape else "",
        label,
        shown(value, context),
    )


@register.simple_tag
def back(label: object, route: str, *args: object) -> SafeString:
    """The way to the page above this one: its name, and its route as `{% url %}` takes it."""
    return format_html(
        '<p class="back"><a href="{}">{}{}</a></p>',
        reverse(route, args=args),
        icon("arrow-left"),
        label,
    )


class _Titled(template.Node):
    """A title, what is to know about it, and what can be done, in a shape of its own: it may be
    nothing.
    """

    child_nodelists = ("about", "actions")

    def __init__(
        self, parser: Parser, token: Token, takes: Sequence[str], shape: str, does: str = "{}"
    ) -> None:
        name, *bits = token.split_contents()
        if len(bits) != len(takes):
            raise template.TemplateSyntaxError(f"{name} takes {' and '.join(takes)}.")
        self.shape, self.does = shape, does
        self.values = {
            take: parser.compile_filter(bit) for take, bit in zip(takes, bits, strict=True)
        }
        self.about = parser.parse(("actions", f"end{name}"))
        self.actions = NodeList()
        if parser.next_token().contents == "actions":
            self.actions = parser.parse((f"end{name}",))
            parser.delete_first_token()

    def render(self, context: Context) -> SafeString:
        actions = inside(self.actions.render(context))
        return format_html(
            self.shape,
            about=inside(self.about.render(context)),
            actions=format_html(self.does, actions) if actions else "",
            **{name: value.resolve(context) for name, value in self.values.items()},
        )


@register.tag
def page_head(parser: Parser, token: Token) -> _Titled:
    """The head of a page: its title, what is to know about it, and after `{% actions %}` what is
    done here.
    """
    return _Titled(
        parser,
        token,
        ["title"],
        '<header class="page-head"><div><h1>{title}</h1>{about}</div>{actions}</header>',
        '<div class="head-actions">{}</div>',
    )


@register.tag
def setting(parser: Parser, token: Token) -> _Titled:
    """A card with a setting: its title, which has the id, what it means, and after `{% actions %}`
    what changes it.
    """
    return _Titled(
        parser,
        token,
        ["id", "title"],
        '<section class="card pad setting" aria-labelledby="{id}">'
        '<div><h2 id="{id}">{title}</h2>{about}</div>{actions}</section>',
    )


@register.simple_block_tag
def card(
    content: SafeString, id: str, title: object, shape: str = "", mark: str = "", count: int = 0
) -> SafeString:
    """A card with its title, which has the id. The shape is of further classes: in one that is
    "pad" the title stands within the padding. The title may have an icon, and a count beside it.
    """
    return format_html(
        '<section class="card{}" aria-labelledby="{id}"><h2{} id="{id}">{}{}{}</h2>{}</section>',
        f" {shape}" if shape else "",
        "" if "pad" in shape.split() else mark_safe(' class="card-title"'),
        format_html("{} ", icon(mark)) if mark else "",
        title,
        format_html(' <span class="open-count">{}</span>', number(count)) if count else "",
        inside(content),
        id=id,
    )


@register.simple_block_tag
def nothing(content: SafeString, mark: str, title: object, level: int = 2) -> SafeString:
    """What a page says where it has nothing to show: that, and how something comes there. The
    title is a heading of that level.
    """
    return format_html(
        '<section class="empty card pad"><span class="empty-mark">{}</span>'
        "<h{level}>{}</h{level}>{}</section>",
        icon(mark),
        title,
        inside(content),
        level=level,
    )


@register.simple_block_tag
def older(content: SafeString, label: object = "") -> SafeString:
    """The link to the next part of a list, whose address is within. It puts that part in place of
    the element of class `older` that it stands in; without scripts it is a page like any other.
    """
    return format_html(
        '<a class="btn" href="{address}" hx-get="{address}" hx-target="closest .older"'
        ' hx-swap="outerHTML" hx-replace-url="false">{}</a>',
        label or gettext("Older"),
        address=inside(content),
    )


@register.simple_block_tag
def copyable(content: SafeString, id: str) -> SafeString:
    """A text to take along as it stands, with a button that copies it. It can be scrolled, so it is
    reached by the keyboard.
    """
    return format_html(
        '<div class="copy"><pre id="{id}" tabindex="0">{}</pre>'
        '<button type="button" class="btn btn-sm" data-copy="{id}">{}<span>{}</span></button>'
        "</div>",
        inside(content),
        icon("copy"),
        gettext("Copy"),
        id=id,
    )


@register.simple_block_tag
def message(content: SafeString, title: object, code: str = "") -> SafeString:
    """All that a page has to say, where it says that something cannot be had; with the status of
    the answer where that helps whoever is asked about it.
    """
    return format_html(
        '<section class="message">{}<h1>{}</h1>{}</section>',
        format_html('<p class="message-code">{}</p>', code) if code else "",
        title,
        inside(content),
    )


@register.simple_tag
def wrong(of: BoundField) -> SafeString:
    """What is wrong with what was typed into a field: read out, and what Django describes the
    field's box by.
    """
    if not of.errors:
        return SafeString()
    return format_html(
        '<span class="field-error" role="alert" id="{}_error">{}</span>',
        of.auto_id,
        " ".join(map(str, of.errors)),
    )


@register.simple_block_tag
def field(content: SafeString, of: BoundField, label: object) -> SafeString:
    """A field of a form whose box, with what helps to fill it in, is within; what is wrong with
    what was typed stands under it.
    """
    return format_html(
        '<label class="form-label" for="{}">{}</label>{}{}',
        of.id_for_label or of.auto_id,
        label,
        inside(content),
        wrong(of),
    )


def checked(value: object, now: object, chosen: object) -> str:
    """Whether a box with this value is checked, as an attribute: where it is the value, or one of
    the values, that the field has now, or where it is said to be chosen.
    """
    if isinstance(now, Collection) and not isinstance(now, str):
        chosen = chosen or value in now
    return " checked" if chosen or value == now else ""


@register.simple_block_tag
def check(
    content: SafeString,
    name: str,
    value: object,
    now: object = None,
    chosen: object = False,
    kind: str = "checkbox",
    shape: str = "form-check",
) -> SafeString:
    """A box to tick with what it stands for, or a "radio", of which one is chosen. `now` is what
    the field has, or all that it has; `chosen` says so itself. The shape "tick" is that of a list.
    """
    return format_html(
        '<label class="{}"><input class="form-check-input" type="{}" name="{}" value="{}"{}>'
        "<span>{}</span></label>",
        shape,
        kind,
        name,
        value,
        checked(value, now, chosen),
        inside(content),
    )


@register.simple_tag
def column(label: object, shape: str = "") -> SafeString:
    """The head of a column of a table. The shape is a class, such as "amount"."""
    return format_html(
        '<th scope="col"{}>{}</th>', format_html(' class="{}"', shape) if shape else "", label
    )


@register.simple_tag(takes_context=True)
def amount(context: Context, value: object) -> SafeString:
    """A cell of a table with an amount or a number in it."""
    return format_html('<td class="amount">{}</td>', shown(value, context))


@register.simple_block_tag
def table(content: SafeString, titled_by: str, shape: str = "") -> SafeString:
    """A table within a frame that scrolls where it is too wide, and is reached by the keyboard. It
    is named by the heading of that id. The shape is a class.
    """
    return format_html(
        '<div class="goods-table" tabindex="0" role="region" aria-labelledby="{}">'
        '<table class="table{}">{}</table></div>',
        titled_by,
        f" {shape}" if shape else "",
        inside(content),
    )
