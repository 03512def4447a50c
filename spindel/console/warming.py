"""Having at hand what pages need, before somebody waits for the first."""

from __future__ import annotations

import gc

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import get_resolver, reverse
from django.utils import translation


def warm() -> None:
    """Load all pages, and their words in each language: the first would take a second else.

    It stays as long as the process, so the garbage collector need not look at it: that took 0.15 s
    each time, while everybody waited.
    """
    _ = get_resolver().url_patterns
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            reverse("account_login")
            render_to_string("404.html")
    gc.collect()
    gc.freeze()
