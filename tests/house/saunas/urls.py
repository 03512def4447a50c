from django.urls import path
from spindel.saunas import views

urlpatterns = [
    path("saunas/", views.saunas, name="saunas"),
    path("saunas/of/<int:id>/", views.of_customer, name="saunas-of"),
]
