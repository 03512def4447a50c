from django.apps import AppConfig
from django.contrib.messages import apps as messages


class KitConfig(AppConfig):
    name = "spindel.kit"

    def ready(self) -> None:
        """Know what is said of every refusal, before anybody refuses anything."""
        from spindel.kit import saying

        saying.collect()


class PageMessages(messages.MessagesConfig):
    """What a page says after a form, by another label: `spindel.messages` has its."""

    label = "page_messages"
    default = False
