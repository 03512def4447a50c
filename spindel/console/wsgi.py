"""The pages and the API as a WSGI application."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "spindel.kit.settings")
application = get_wsgi_application()

from django.conf import settings  # noqa: E402  # they are there from here on
from django.template.loader import render_to_string  # noqa: E402
from django.urls import get_resolver, reverse  # noqa: E402
from django.utils import translation  # noqa: E402

from spindel.kit import database  # noqa: E402

database.give_up_in_time(settings.DATABASES["default"])


def warm() -> None:
    """Load now what somebody would wait a second for: all pages, and their words in each language.

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
