from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "spindel.shop"
