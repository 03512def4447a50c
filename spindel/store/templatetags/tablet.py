"""Template words of the store tablet."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django import template
from django.middleware.csrf import get_token
from django.template.base import render_value_in_context as shown
from django.template.context import RequestContext
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from spindel.catalogue.models import Variant
from spindel.catalogue.wording import in_language
from spindel.commerce.common.goods import options
from spindel.commerce.stock import hold_codes
from spindel.kit import pictures
from spindel.kit.templatetags import look
from spindel.kit.templatetags.look import locale
from spindel.kit.templatetags.pieces import checked, inside

register = template.Library()


@register.simple_tag(takes_context=True)
def act(context: RequestContext) -> SafeString:
    """What every form that acts carries: which store it was made for, whom she serves, and a key
    of its own, so that a second tap or another try is the same action.
    """
    desk = context["desk"]
    fields = [
        ("csrfmiddlewaretoken", get_token(context.request)),
        ("key", str(uuid.uuid4())),
        ("store", desk.place.code),
    ]
    if desk.serving:
        fields.append(("customer", desk.serving.customer))
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', fields)


@register.simple_block_tag
def pick(
    content: SafeString,
    name: str,
    value: object,
    now: object = None,
    chosen: object = False,
    shape: str = "",
) -> SafeString:
    """One of several to choose from, as wide as a thumb. `now` is what the field has; `chosen` says
    so itself. The shape is of further classes.
    """
    return format_html(
        '<label class="pick{}"><input type="radio" name="{}" value="{}"{}>{}</label>',
        f" {shape}" if shape else "",
        name,
        value,
        checked(value, now, chosen),
        inside(content),
    )


@register.simple_tag(takes_context=True, name="sum")
def sum_line(context: RequestContext, label: object, amount: object, shape: str = "") -> SafeString:
    """A line of what something comes to: for what, and how much. The shape is of classes."""
    return format_html(
        '<p class="sum{}"><span>{}</span><span class="num">{}</span></p>',
        f" {shape}" if shape else "",
        label,
        shown(amount, context),
    )


@register.simple_block_tag
def row_link(
    content: SafeString, address: str, icon: str = "", mark: str = "", amount: str = ""
) -> SafeString:
    """A row that is a target as a whole, with an icon or another mark in front, and an amount."""
    return format_html(
        '<a class="row-link" href="{}">{}<span class="grow">{}</span>{}{}</a>',
        address,
        look.icon(icon) if icon else mark,
        inside(content),
        format_html('<span class="num">{}</span>', amount) if amount else "",
        look.icon("chevron-right"),
    )


@register.simple_block_tag
def nothing_here(content: SafeString, mark: str) -> SafeString:
    """What a part of the page says where it has nothing to show."""
    return format_html(
        '<div class="empty">{}<p class="muted">{}</p></div>', look.icon(mark), inside(content)
    )


@register.filter
def in_km(kilometres: float | None) -> str:
    """A distance as people say it; nothing where it is not known."""
    if kilometres is None:
        return ""
    if kilometres < 1:
        return _("%(n)s m") % {"n": max(100, round(kilometres * 10) * 100)}
    digits = 1 if kilometres < 10 else 0
    words = f"{kilometres:.{digits}f}".replace(".", locale().number_symbols["latn"]["decimal"])
    return _("%(n)s km") % {"n": words}


@register.simple_tag(takes_context=True)
def picture(context: RequestContext, address: str, size: str = "") -> SafeString:
    """A picture of goods, where it may be shown; else a box."""
    shape = f"picture picture-{size}" if size else "picture"
    found = pictures.shown([address], context.request)
    if not found:
        return format_html('<span class="{}">{}</span>', shape, look.icon("package"))
    return format_html('<span class="{}"><img src="{}" alt="" loading="lazy"></span>', shape, found)


@register.filter
def of(found: Mapping[object, object], key: object) -> object:
    """What a mapping has for the key; nothing where it has none."""
    return found.get(key, "")


@register.filter
def up_to(most: int) -> range:
    """The numbers from 1 to this one."""
    return range(1, most + 1)


@register.filter
def percent(hundredths: int) -> str:
    """A rate in hundredths of a percent: 2500 is 25 %."""
    return _("%(n)s %%") % {"n": f"{hundredths / 100:g}"}


@register.filter
def goods_name(variant: Variant) -> str:
    """The name of the product that it is of, in the language of the page."""
    product = variant.product
    return in_language(product.names, (get_language() or "en")[:2], product.number)


@register.filter
def goods_options(variant: Variant) -> str:
    """Its size, colour and so on, in words."""
    return options(variant)


@register.filter
def hold_code(hold: int) -> str:
    """The code of a hold, by its id, for a person to read."""
    return hold_codes.spaced(hold_codes.code(hold))
