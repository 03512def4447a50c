"""The systems that tell Spindel of facts. Below /sources/."""

from django.urls import include, path

from spindel.collect import views

_pages = [
    path("", views.sources, name="sources"),
    path("now/", views.sources_now, name="sources-now"),
    path("new/", views.new, name="source-new"),
    path("<int:id>/", views.source, name="source"),
    path("<int:id>/now/", views.source_now, name="source-now"),
    path("<int:id>/connect/", views.connect, name="source-connect"),
    path("<int:id>/edit/", views.edit, name="source-edit"),
    path("<int:id>/archive/", views.archive, name="source-archive"),
    path("<int:id>/restore/", views.restore, name="source-restore"),
    path("<int:id>/keys/", views.make_key, name="source-key-new"),
    path("<int:id>/keys/<int:key>/rotate/", views.rotate_key, name="source-key-rotate"),
    path("<int:id>/keys/<int:key>/revoke/", views.revoke_key, name="source-key-revoke"),
    path("<int:id>/keys/<int:key>/restore/", views.restore_key, name="source-key-restore"),
    path("<int:id>/rejects/", views.rejects, name="source-rejects"),
    path("<int:id>/rejects/again/", views.send_again, name="source-again"),
    path("<int:id>/plan/", views.plan, name="source-plan"),
    path("<int:id>/plan/learn/", views.learn, name="source-plan-learn"),
    path("<int:id>/plan/file/", views.plan_file, name="source-plan-file"),
    path("<int:id>/plan/change/", views.change_plan, name="source-plan-change"),
    path("<int:id>/plan/undo/", views.undo_plan, name="source-plan-undo"),
]

urlpatterns = [path("sources/", include(_pages))]
