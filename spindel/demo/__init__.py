# Who sells there, as receipts and quotes say it (the number is nobody's), and how soon it comes.
SELLER = {
    "SPINDEL_SELLER": "Nordsko AB",
    "SPINDEL_SELLER_NUMBER": "SE556000000001",
    "SPINDEL_SELLER_ADDRESS": "Lagergatan 8, 504 94 Borås",
    "SPINDEL_DELIVERY_DAYS": "SE=1-3,DK=2-4",
}
