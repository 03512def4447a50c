from django.apps import AppConfig


class ClubConfig(AppConfig):
    name = "spindel.club"
