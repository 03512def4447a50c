"""The cast of commerce stands in the store, too."""

from tests.commerce.conftest import anna as anna  # fixtures
from tests.commerce.conftest import crm as crm
from tests.commerce.conftest import shop as shop
