from spindel.staff.navigation import Entry, Group

ENTRIES = (Entry(Group.ORDERS, "saunas", "Saunas", "flame", "saunas.book"),)
