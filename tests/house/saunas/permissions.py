from spindel.staff.models import Role

ALLOWED = {"saunas.book": frozenset((Role.ADMIN, Role.AGENT))}
