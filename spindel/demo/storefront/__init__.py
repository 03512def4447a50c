"""Nordsko's web shop at /shop/, and the example of how to connect a shop.

It knows nothing of Spindel but its public HTTP API and the script for browsers.
"""
