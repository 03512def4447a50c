from spindel.staff.pages import Panel

PANELS = (Panel("saunas", "saunas-of", "saunas.book"),)
