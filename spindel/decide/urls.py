"""Content. Below /content/."""

from django.urls import path

from spindel.decide import views

urlpatterns = [
    path("content/", views.contents, name="contents"),
    path("content/of/<id:id>/", views.of_customer, name="content-of"),
    path("content/<slug:key>/", views.content, name="content"),
    path("content/<slug:key>/edit/", views.edit, name="content-edit"),
    path("content/<slug:key>/state/", views.set_state, name="content-state"),
    path("new-content/", views.new, name="content-new"),
]
