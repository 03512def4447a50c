from django.apps import AppConfig


class MessagesConfig(AppConfig):
    name = "spindel.messages"
    label = "outgoing"  # Django's own app for what a page says after a form is called `messages`
