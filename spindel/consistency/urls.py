"""Whether every face tells the same. Below /same-answer/."""

from django.urls import path

from spindel.consistency import views

urlpatterns = [
    path("same-answer/", views.consistency, name="consistency"),
    path("same-answer/feed/", views.feed, name="consistency-feed"),
]
