from django.urls import path
from spindel.saunas import views

urlpatterns = [
    path("saunas/", views.saunas, name="saunas"),
    path("saunas/of/<id:id>/", views.of_customer, name="saunas-of"),
]
