"""Customers' rights. Below /privacy/."""

from django.urls import include, path

from spindel.privacy import views

_pages = [
    path("", views.overview, name="privacy"),
    path("retention/<str:kind>/", views.keep_for, name="retention"),
    path("customers/<id:id>/", views.customer, name="privacy-customer"),
    path("customers/<id:id>/export/", views.export, name="customer-export"),
    path("customers/<id:id>/forget/", views.forget, name="customer-forget"),
    path("exports/<uuid:reference>/", views.files, name="export"),
    path("exports/<uuid:reference>/<str:format>/", views.file, name="export-file"),
    path("erasures/<uuid:reference>/", views.certificate, name="erasure"),
    path("erasures/<uuid:reference>/let-in/", views.let_in, name="erasure-let-in"),
]

urlpatterns = [path("privacy/", include(_pages))]
