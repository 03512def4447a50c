"""How mail does. Below /settings/."""

from django.urls import path

from spindel.messages import views

urlpatterns = [path("settings/mail/", views.mail, name="mail")]
