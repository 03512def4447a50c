"""Template words that every page may use: icons, channel marks, dates as people say them."""

from __future__ import annotations

from django import template

register = template.Library()
