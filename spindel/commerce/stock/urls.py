"""Stock, and what is kept for customers."""

from django.urls import path

from spindel.commerce.stock.views import hold_page, levels, products, reservations
from spindel.staff.permissions import public

urlpatterns = [
    path("stock/", levels.running_low, name="stock"),
    path("stock/levels/<id:variant>/<id:place>/", levels.level, name="level"),
    path("stock/levels/<id:variant>/<id:place>/count/", levels.count, name="level-count"),
    path("stock/products/<id:id>/", products.of_product, name="product-stock"),
    path("holds/at/<id:id>/", levels.kept_at, name="held-at"),
    path("holds/of/<id:id>/", reservations.kept, name="holds-of"),
    path("holds/of/<id:id>/find/", reservations.find, name="hold-find"),
    path("holds/of/<id:id>/reserve/", reservations.reserve, name="hold-reserve"),
    path("holds/of/<id:id>/<id:hold>/extend/", reservations.extend, name="hold-extend"),
    path("holds/of/<id:id>/<id:hold>/move/", reservations.move, name="hold-move"),
    path("holds/of/<id:id>/<id:hold>/release/", reservations.release, name="hold-release"),
    path("holds/of/<id:id>/<id:hold>/stores/", reservations.move_to, name="hold-stores"),
    path(
        "h/<str:code>/",
        public(hold_page.page, "whoever has the link sees what is kept"),
        name="hold-page",
    ),
]
