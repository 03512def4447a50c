"""The club, and what a customer has in it."""

from django.urls import path

from spindel.club import views

urlpatterns = [
    path("club/", views.club, name="club"),
    path("club/terms/", views.terms, name="club-terms"),
    path("customers/<id:id>/club/", views.of_customer, name="club-of"),
    path("customers/<id:id>/club/join/", views.join, name="club-join"),
    path("customers/<id:id>/club/leave/", views.leave, name="club-leave"),
    path("customers/<id:id>/club/reward/", views.reward, name="club-reward"),
    path("customers/<id:id>/club/correct/", views.correct, name="club-correct"),
]
