from django.apps import AppConfig


class WishesConfig(AppConfig):
    name = "spindel.commerce.wishes"
