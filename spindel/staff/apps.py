from django.apps import AppConfig

from spindel.kit import environment


class StaffConfig(AppConfig):
    name = "spindel.staff"

    def ready(self) -> None:
        from spindel.staff import receivers
        from spindel.staff.models import Role

        receivers.connect()
        # What is wrong here would otherwise be found by the first who logs in.
        environment.switch("SPINDEL_REQUIRE_MFA")
        environment.number("SPINDEL_SESSION_DAYS")
        role = environment.value("SPINDEL_OIDC_SIGNUP_ROLE")
        if role and role not in Role.values:
            raise SystemExit(
                f"SPINDEL_OIDC_SIGNUP_ROLE should be one of {', '.join(Role.values)},"
                f" and is {role!r}."
            )
