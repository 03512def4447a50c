# Who sells there, as receipts and quotes say it; the number is nobody's.
SELLER = {
    "SPINDEL_SELLER": "Nordsko AB",
    "SPINDEL_SELLER_NUMBER": "SE556000000001",
    "SPINDEL_SELLER_ADDRESS": "Lagergatan 8, 504 94 Borås",
}
