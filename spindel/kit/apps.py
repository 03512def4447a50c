from django.apps import AppConfig
from django.contrib.messages import apps as messages
from django.urls import register_converter

from spindel.kit import ids


class KitConfig(AppConfig):
    name = "spindel.kit"

    def ready(self) -> None:
        """Have `<id:…>` known before any domain's addresses are read, and what is said of every
        refusal before anybody refuses anything.
        """
        from spindel.kit import saying

        register_converter(ids.InAddress, "id")
        saying.collect()


class PageMessages(messages.MessagesConfig):
    """What a page says after a form, by another label: `spindel.messages` has its."""

    label = "page_messages"
    default = False
