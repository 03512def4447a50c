COUNTS = {"saunas": "SELECT count(*) FROM saunas_booking"}
