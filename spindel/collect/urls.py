"""The systems that tell Spindel of facts. Below /sources/."""

from django.urls import include, path

from spindel.collect import views

_pages = [
    path("", views.sources, name="sources"),
    path("now/", views.sources_now, name="sources-now"),
    path("new/", views.new, name="source-new"),
    path("<id:id>/", views.source, name="source"),
    path("<id:id>/now/", views.source_now, name="source-now"),
    path("<id:id>/connect/", views.connect, name="source-connect"),
    path("<id:id>/edit/", views.edit, name="source-edit"),
    path("<id:id>/archive/", views.archive, name="source-archive"),
    path("<id:id>/restore/", views.restore, name="source-restore"),
    path("<id:id>/keys/", views.make_key, name="source-key-new"),
    path("<id:id>/keys/<id:key>/rotate/", views.rotate_key, name="source-key-rotate"),
    path("<id:id>/keys/<id:key>/revoke/", views.revoke_key, name="source-key-revoke"),
    path("<id:id>/keys/<id:key>/restore/", views.restore_key, name="source-key-restore"),
    path("<id:id>/rejects/", views.rejects, name="source-rejects"),
    path("<id:id>/rejects/again/", views.send_again, name="source-again"),
    path("<id:id>/plan/", views.plan, name="source-plan"),
    path("<id:id>/plan/learn/", views.learn, name="source-plan-learn"),
    path("<id:id>/plan/file/", views.plan_file, name="source-plan-file"),
    path("<id:id>/plan/change/", views.change_plan, name="source-plan-change"),
    path("<id:id>/plan/undo/", views.undo_plan, name="source-plan-undo"),
]

urlpatterns = [path("sources/", include(_pages))]
