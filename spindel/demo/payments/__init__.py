"""Nordsko's bank at /demo-bank/: it answers as Stripe does, and no money moves.

The contract is Stripe's documented one, as far as a shop that takes cards needs it: requests are
forms with nested keys, the same Idempotency-Key answers the same, errors are objects, and what has
happened is told by signed webhooks until they are answered with 200. It knows nothing of Spindel
but its settings.
"""

ROOT = "/demo-bank"
