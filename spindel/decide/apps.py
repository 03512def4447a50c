from django.apps import AppConfig


class DecideConfig(AppConfig):
    name = "spindel.decide"

    def ready(self) -> None:
        from spindel.decide import reading
        from spindel.offers import shown

        shown.register("contents", reading.SHOWN_AN_OFFER)
