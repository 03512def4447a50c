"""Stock, and what is kept for customers."""

from django.urls import path

from spindel.commerce.stock.views import hold_page
from spindel.commerce.stock.views import levels as shelves
from spindel.commerce.stock.views import products as stock
from spindel.commerce.stock.views import reservations as keeping
from spindel.staff.permissions import public

urlpatterns = [
    path("stock/", shelves.running_low, name="stock"),
    path("stock/levels/<id:variant>/<id:place>/", shelves.level, name="level"),
    path("stock/levels/<id:variant>/<id:place>/count/", shelves.count, name="level-count"),
    path("stock/products/<id:id>/", stock.of_product, name="product-stock"),
    path("holds/at/<id:id>/", shelves.kept_at, name="held-at"),
    path("holds/of/<id:id>/", keeping.kept, name="holds-of"),
    path("holds/of/<id:id>/find/", keeping.find, name="hold-find"),
    path("holds/of/<id:id>/reserve/", keeping.reserve, name="hold-reserve"),
    path("holds/of/<id:id>/<id:hold>/extend/", keeping.extend, name="hold-extend"),
    path("holds/of/<id:id>/<id:hold>/move/", keeping.move, name="hold-move"),
    path("holds/of/<id:id>/<id:hold>/release/", keeping.release, name="hold-release"),
    path("holds/of/<id:id>/<id:hold>/stores/", keeping.move_to, name="hold-stores"),
    path(
        "h/<str:code>/",
        public(hold_page.page, "whoever has the link sees what is kept"),
        name="hold-page",
    ),
]
