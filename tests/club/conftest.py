"""The shop of the commerce tests, and Anna, who is a member."""

from tests.commerce.conftest import anna as anna  # a fixture
from tests.commerce.conftest import crm as crm
from tests.commerce.conftest import shop as shop
