"""Django's settings, made from the environment variables in `environment.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Any  # structlog's own shape
from urllib.parse import urlsplit

import structlog

from spindel.kit import database, environment, house, keys, smtp

_PACKAGE = Path(__file__).resolve().parent.parent

SECRET_KEY = environment.value("SPINDEL_SECRET_KEY") or keys.file_secret(
    environment.home() / "keys" / "secret.key"
)
DEBUG = False
_public = urlsplit(environment.value("SPINDEL_PUBLIC_URL"))
ALLOWED_HOSTS = [
    host.strip() for host in environment.value("SPINDEL_ALLOWED_HOSTS").split(",") if host.strip()
] + ([_public.hostname] if _public.hostname else [])
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"] if _public.hostname else []
if _public.scheme == "https":
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    # The prefix has browsers refuse such a cookie from another host or without TLS.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https"
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000

INSTALLED_APPS = [
    *house.applications(),
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "spindel.kit.apps.PageMessages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "ninja",  # for the files of /api/docs
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]
MIDDLEWARE = [
    "spindel.kit.observe.measure_requests",
    "spindel.console.middleware.security_headers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "spindel.console.middleware.choose_language",
    "spindel.console.middleware.answer_machines",
    # From here on for people:
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "spindel.staff.sessions.end_when_due",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "spindel.console.middleware.require_login",
    "spindel.console.middleware.name_who_acts",
]
ROOT_URLCONF = "spindel.console.urls"
WSGI_APPLICATION = "spindel.console.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "spindel.console.context.shell",
            ],
            "builtins": [
                "spindel.kit.templatetags.look",
                "spindel.kit.templatetags.pieces",
                "spindel.catalogue.templatetags.goods",
                "spindel.offers.templatetags.discounts",
            ],
        },
    },
]

DATABASES = {"default": database.django_settings(database.url())}
DATABASES["default"]["OPTIONS"]["pool"] = {
    "min_size": 1,
    "max_size": max(4, environment.number("SPINDEL_WEB_THREADS") + 2),
    "timeout": 5,
    "max_lifetime": 1800,
    # After an outage a request that comes tries anew, instead of waiting for a long back-off.
    "reconnect_timeout": 2,
}
smtp.server()  # ends a process that could not send when it must

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Throttling counts in the database, so that it holds for all processes together.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "kit_cache",
        # With fewer, somebody could push out the counts against her by causing others.
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

AUTH_USER_MODEL = "staff.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "spindel.staff.adapter.StaffAdapter"
# Counted by the address they come from, and by the account they are after.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "change_password": "5/5m/user",
    "reauthenticate": "10/5m/user",
}
ACCOUNT_SESSION_REMEMBER = None  # as the person chooses: the cookie goes with the browser, or stays
ACCOUNT_LOGOUT_REDIRECT_URL = "/login/"

MFA_ADAPTER = "spindel.staff.adapter.TwoStepAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Spindel"
MFA_TOTP_TOLERANCE = 1  # clocks differ, and people type for a while
MFA_FORMS = {
    "authenticate": "spindel.staff.forms.LoginCode",
    "reauthenticate": "spindel.staff.forms.AgainCode",
    "login_webauthn": "spindel.staff.forms.LoginPasskey",
    "authenticate_webauthn": "spindel.staff.forms.StepPasskey",
    "reauthenticate_webauthn": "spindel.staff.forms.AgainPasskey",
    "add_webauthn": "spindel.staff.forms.NewPasskey",
}

SOCIALACCOUNT_ADAPTER = "spindel.staff.oidc.CompanyAdapter"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "company",
                "name": environment.value("SPINDEL_OIDC_NAME"),
                "client_id": environment.value("SPINDEL_OIDC_CLIENT_ID"),
                "secret": environment.value("SPINDEL_OIDC_CLIENT_SECRET"),
                "settings": {"server_url": environment.value("SPINDEL_OIDC_URL")},
            }
        ],
    }
}

# The session expires unless it is saved again, which `sessions` does while somebody is at work.
SESSION_COOKIE_AGE = environment.number("SPINDEL_SESSION_HOURS") * 3600
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("sv", "Svenska"), ("da", "Dansk")]
LOCALE_PATHS = [_PACKAGE / "locale"]
USE_I18N = True
TIME_ZONE = environment.value("SPINDEL_TIME_ZONE")
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = _PACKAGE / "kit" / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_500  # a product of a hundred variants, each with 19 boxes
TEST_RUNNER = "django.test.runner.DiscoverRunner"

_level = environment.value("SPINDEL_LOG").upper()
_steps: list[structlog.types.Processor] = [
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def _without_values(_logger: object, _method: str, event: structlog.types.EventDict) -> Any:
    """Of an exception its type and where it was raised: what it says may be somebody's."""
    if isinstance(event.get("exception"), list):
        event["exception"] = [
            {"exc_type": one["exc_type"], "frames": one["frames"]} for one in event["exception"]
        ]
    return event


structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_steps,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": _steps,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                # The values of local variables are personal data as often as not.
                structlog.processors.ExceptionRenderer(
                    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
                ),
                _without_values,
                structlog.processors.JSONRenderer(),
            ],
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": _level},
    "loggers": {
        # Its lines hold addresses and query strings; request times are measured elsewhere.
        "django.request": {"level": "ERROR"},
        # The same, and so the links that set a password; and hosts that somebody made up.
        "django.security": {"level": "CRITICAL"},
        # They spell out the letters of what they print.
        "fontTools": {"level": "ERROR"},
        "fpdf": {"level": "ERROR"},
    },
}
