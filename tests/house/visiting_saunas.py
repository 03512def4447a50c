"""A process of a house with saunas in it: books some, and prints what there is to see of them."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys

import django

from spindel.run.preparing import prepare


def main() -> None:
    """Print it as JSON."""
    prepare(os.environ["SPINDEL_DATABASE_URL"])
    django.setup()
    print(json.dumps(_visit()))


def _visit() -> dict[str, object]:
    from django.test import Client

    from spindel.identity import customers
    from spindel.kit import background, register
    from spindel.kit.background import Turns
    from spindel.run import doctor
    from spindel.run.worker import followers
    from spindel.staff import actions
    from spindel.staff.models import Role, Scope, User
    from spindel.timeline import following
    from spindel.timeline.models import Source, WriteKey
    from tests import telling as told

    source = Source.objects.create(slug="web", name="Web", kind="web", channel="web")
    WriteKey.objects.create(source=source, key="web-key")
    told.tell([{"type": "identify", "userId": "anna", "traits": {"name": "Anna"}}])
    anna = customers.by_identifier("user_id", "anna")
    people = {
        role: User.objects.create_user(f"{role}@nordsko.example", None, role=role) for role in Role
    }

    def as_role(role: Role) -> Client:
        client = Client()
        client.force_login(people[role], "allauth.account.auth_backends.AuthenticationBackend")
        return client

    agent, marketer = as_role(Role.AGENT), as_role(Role.MARKETER)
    booked = [agent.post(f"/saunas/of/{anna}/", {"people": n}).status_code for n in (4, 9)]
    refused = marketer.post(f"/saunas/of/{anna}/", {"people": 4}).status_code
    following_now = list(followers())
    for follower in following_now:
        following.enrol(follower)

    def nothing_left() -> bool:
        # A transaction that is open anywhere in the cluster holds some facts back for a moment.
        while sum(map(following.step, following_now)):  # each has its turn
            pass
        return all(lag.facts == 0 for lag in following.lags())

    told.wait_until(nothing_left, 30)
    for job in background.jobs():
        if job.name == "saunas.heat":
            Turns(job).take()
    token = actions.create_token("till", [Scope.READ_ORDERS], None)[1]
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        doctor.examine()

    def page(client: Client, path: str) -> str:
        return client.get(path).content.decode()

    return {
        "booked": booked,
        "refused": refused,
        "pages": {
            "customer": page(agent, f"/customers/{anna}/"),
            "customer, to whom may not": page(marketer, f"/customers/{anna}/"),
            "start": page(as_role(Role.ADMIN), "/"),
            "found": agent.get("/find/?q=sauna", follow=False).headers.get("Location", ""),
            "panel": page(agent, f"/saunas/of/{anna}/"),
            "attention": page(agent, "/attention/"),
            "privacy": page(agent, f"/privacy/customers/{anna}/"),
            "doctor": said.getvalue(),
        },
        "api": Client().get("/api/saunas", headers={"Authorization": f"Bearer {token}"}).json(),
        "held": [table for one in register.holdings() for table in one.tables],
    }


if __name__ == "__main__":
    sys.exit(main())
