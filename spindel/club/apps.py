from django.apps import AppConfig

# For offers: everybody who is a member, and those of each tier.
_GROUPS = """
SELECT belongs.name FROM mine
JOIN club_clubmember m ON m.identifier_id = mine.id AND m.left_at IS NULL
CROSS JOIN LATERAL (VALUES ('members'), (nullif('tier:' || m.tier, 'tier:'))) belongs (name)
WHERE belongs.name IS NOT NULL
"""


class ClubConfig(AppConfig):
    name = "spindel.club"

    def ready(self) -> None:
        from spindel.club import accounts, groups
        from spindel.identity import settled
        from spindel.offers import audiences

        audiences.register("club", _GROUPS, groups.groups)
        settled.register(accounts.look_anew)
