"""Passwords are hashed in no time: it takes long on purpose, for whoever would guess them."""

from __future__ import annotations

from django.contrib.auth.hashers import PBKDF2PasswordHasher

PBKDF2PasswordHasher.iterations = 1
