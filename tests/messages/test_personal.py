"""Mail is told to her whom it was for, and goes with her."""

from __future__ import annotations

import pytest

from spindel.identity import customers, forgetting
from spindel.identity.models import Identifier
from spindel.messages.models import Mail
from spindel.messages.personal import HOLDINGS
from spindel.privacy import jobs
from spindel.privacy.actions import forget_customer
from spindel.timeline.models import Source
from spindel.timeline.recording import Gone
from tests.messages.cast import ask
from tests.telling import tell


def test_mail_for_her_and_to_her_address_is_told_and_forgotten(web: Source) -> None:
    traits = {"email": "anna@example.se"}
    tell([{"type": "identify", "messageId": "i", "userId": "anna", "traits": traits}])
    customer = customers.by_identifier("user_id", "anna")
    assert customer is not None
    hers = Identifier.objects.get(kind="user_id", value="anna").pk
    ask("office@example.se", subject="For her", identifier=hers)
    ask("anna@EXAMPLE.se", subject="To her address")
    ask("bo@example.se", subject="To somebody else")
    told = list(HOLDINGS[0].tell(forgetting.subject(customer)))
    assert [(one["name"], one["to"]) for one in told] == [
        ("For her", "office@example.se"),
        ("To her address", "anna@example.se"),
    ]
    forget_customer(customer, "the test")
    jobs.work()
    assert [mail.subject for mail in Mail.objects.all()] == ["To somebody else"]
    with pytest.raises(Gone):
        ask("office@example.se", identifier=hers)
