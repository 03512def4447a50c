"""Who works here: people with a role, and tokens for machines."""

from __future__ import annotations

import hashlib
import secrets
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from spindel.kit import sealed

# The apps' secrets, and what recovery codes are made from: allauth's table, sealed by `adapter`.
sealed.register("mfa_authenticator", "data")


class Role(models.TextChoices):
    """What somebody does here, and so what she may see and do."""

    ADMIN = "admin", _("Administrator")
    MARKETER = "marketer", _("Marketer")
    AGENT = "agent", _("Customer service")
    CLERK = "clerk", _("Store clerk")
    ANALYST = "analyst", _("Analyst")


class UserManager(BaseUserManager["User"]):
    """Makes users by their e-mail address."""

    def create_user(self, email: str, password: str | None, *, role: Role, name: str = "") -> User:
        """A new person who may log in. Raises IntegrityError when the address is taken."""
        user = self.model(email=email.strip().lower(), role=role, name=name)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        """Addresses of people who work here are compared without case."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """Somebody who works at the retailer."""

    email = models.EmailField(_("E-mail"), unique=True)
    name = models.CharField(_("Name"), max_length=120, blank=True)
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.AGENT)
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=5, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    # Of the link that she may set a password by, if there is one that she has not used.
    link_made_at = models.DateTimeField(null=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.name or self.email


class Scope(models.TextChoices):
    """What a machine may do with its token."""

    READ_CUSTOMERS = "customers:read", _("Read customers and timelines")
    WRITE_CUSTOMERS = "customers:write", _("Merge, split and correct customers")
    READ_CATALOGUE = "catalogue:read", _("Read products, prices and places")
    WRITE_CATALOGUE = "catalogue:write", _("Change products, prices and places")
    READ_OFFERS = "offers:read", _("Read offers, and what they are used for")
    WRITE_OFFERS = "offers:write", _("Change offers, and make codes")
    READ_CLUB = "club:read", _("Read what members of the club have")
    WRITE_CLUB = "club:write", _("Have customers join the club, and make rewards of their points")
    READ_STOCK = "stock:read", _("Read stock and holds")
    WRITE_STOCK = "stock:write", _("Hold, move and count stock")
    SHOP = "shop", _("Let shoppers in, each to what is their own")
    SHOP_VOUCH = "shop:vouch", _("Say who a shopper is, as the shop’s own login knows")
    READ_ORDERS = "orders:read", _("Read everybody’s carts, orders, quotes and returns")
    WRITE_ORDERS = "orders:write", _("Sell, send, cancel, quote and take back for anybody")
    PRIVACY = "privacy", _("Forget customers, and fetch all about them")


class ApiToken(models.Model):
    """A machine's way in. The secret is shown once; only its hash is kept."""

    name = models.CharField(max_length=120)
    digest = models.BinaryField(max_length=32, unique=True)
    scopes = models.JSONField(default=list)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True)
    created_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def new_secret() -> str:
        """A fresh bearer token with 256 bits of chance in it."""
        return f"sp_{secrets.token_urlsafe(32)}"

    @staticmethod
    def hash(secret: str) -> bytes:
        """What is kept of it. Plain SHA-256 suffices: the secret can't be guessed from a list."""
        return hashlib.sha256(secret.encode()).digest()


class AuditEntry(models.Model):
    """Who saw or did what, to which customers. Only ever added to: a trigger refuses changes.

    Holds no value of a customer's, so that it outlives her being forgotten.
    """

    at = models.DateTimeField(db_default=Now())
    user = models.ForeignKey(User, models.DO_NOTHING, null=True, db_constraint=False)
    by = models.CharField(max_length=254)
    did = models.CharField(max_length=40)
    customers = ArrayField(models.BigIntegerField(), default=list)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["at"], name="audit_at"),
            models.Index(fields=["user", "at"], name="audit_user"),
            models.Index("by", "did", "customers__0", "at", name="audit_look"),
            models.Index(fields=["did", "at"], name="audit_did"),
            GinIndex(fields=["customers"], name="audit_customers"),
        ]

    def __str__(self) -> str:
        return f"{self.by} {self.did}"
