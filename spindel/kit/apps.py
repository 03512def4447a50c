from django.apps import AppConfig
from django.contrib.messages import apps as messages


class KitConfig(AppConfig):
    name = "spindel.kit"


class PageMessages(messages.MessagesConfig):
    """What a page says after a form, by another label: `spindel.messages` has its."""

    label = "page_messages"
    default = False
