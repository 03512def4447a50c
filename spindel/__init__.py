"""Spindel: the omnichannel customer platform with the customer in the middle of the web."""

__version__ = "0.1.0"
