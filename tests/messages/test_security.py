"""With TLS asked for, nothing is said to a server that can't prove who it is."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from spindel.messages import jobs
from spindel.messages.models import Mail
from tests.mailbox import SENDER
from tests.messages.cast import ask
from tests.run.running import free_port


class Server:
    """A mail server with TLS and a password."""

    def __init__(self, certificate: Path, *, from_the_start: bool) -> None:
        self.port = free_port()
        self.said: list[tuple[bytes, bytes]] = []  # logins
        self.taken = 0
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        self.controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            authenticator=self._login,
            auth_required=True,
            auth_require_tls=not from_the_start,  # which it knows of starttls alone
            ssl_context=context if from_the_start else None,
            tls_context=None if from_the_start else context,
            require_starttls=not from_the_start,
        )

    def _login(self, server: SMTP, *rest: object) -> AuthResult:
        given = rest[-1]
        name, password = given.login, given.password  # type: ignore[attr-defined]  # LoginPassword
        self.said.append((name, password))
        return AuthResult(success=(name, password) == (b"me", b"p@ss"))

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.taken += 1
        return "250 OK"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for 127.0.0.1 that nobody else has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture(params=["smtps", "starttls"])
def server(
    request: pytest.FixtureRequest, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Server]:
    made = Server(certificate, from_the_start=request.param == "smtps")
    made.controller.start()
    scheme, query = ("smtps", "") if request.param == "smtps" else ("smtp", "?tls=starttls")
    url = f"{scheme}://me:p%40ss@127.0.0.1:{made.port}{query}"
    monkeypatch.setenv("SPINDEL_SMTP_URL", url)
    monkeypatch.setenv("SPINDEL_MAIL_FROM", SENDER)
    yield made
    made.controller.stop(no_assert=True)


def test_a_server_that_proves_who_it_is_gets_the_mail(
    database: str, server: Server, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    ask()
    jobs.step()
    assert (server.said, server.taken) == ([(b"me", b"p@ss")], 1)


def test_one_that_does_not_gets_neither_the_password_nor_the_mail(
    database: str, server: Server
) -> None:
    ask()
    jobs.step()
    assert (server.said, server.taken) == ([], 0)
    assert Mail.objects.get().error == "SSLCertVerificationError"
