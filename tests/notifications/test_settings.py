"""What the service is told from outside, and how it speaks to the mail server because of that."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chassis.run.settings import Settings
from placet.serving import NotConfiguredError, settings_of
from services.notifications.settings import NotificationsSettings
from tests.controls import eventually
from tests.notifications.conftest import Station
from tests.notifications.post_office import PostOffice
from tests.notifications.test_audiences import sample


@pytest.fixture
def told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., NotificationsSettings]:
    """The settings of an environment."""

    def read(**variables: str) -> NotificationsSettings:
        common = {name: str(value) for name, value in settings.model_dump().items() if value is not None}
        for name, value in {**common, "smtp_host": "127.0.0.1", "mail_from": "a@b.example", **variables}.items():
            monkeypatch.setenv(f"PLACET_{name.upper()}", value)
        found = settings_of("notifications")
        assert isinstance(found, NotificationsSettings)
        return found

    return read


def test_what_is_not_said_has_a_safe_default(told: Callable[..., NotificationsSettings]) -> None:
    assert told().tls == "none"
    assert told(smtp_host="mail.host.example").tls == "starttls"
    assert told(smtp_host="mail.host.example", smtp_tls="none").tls == "none"
    assert told().duty_contacts_file is None


@pytest.mark.parametrize(
    ("variables", "complaint"),
    [
        ({"mail_from": "a@b.example\r\nBcc: c@d.example"}, "PLACET_MAIL_FROM"),
        ({"mail_from": "a@b.example, c@d.example"}, "PLACET_MAIL_FROM"),
        ({"mail_from": "Somebody"}, "PLACET_MAIL_FROM"),
        ({"smtp_username": "placet"}, "PLACET_SMTP_PASSWORD_FILE"),
        ({"smtp_username": "placet", "smtp_password_file": "/x"}, "PLACET_SMTP_TLS"),
        ({"time_zone": "Hanoi"}, "PLACET_TIME_ZONE"),
        ({"smtp_connections": "0"}, "PLACET_SMTP_CONNECTIONS"),
    ],
)
def test_what_cannot_work_is_said_before_the_start(
    told: Callable[..., NotificationsSettings], variables: dict[str, str], complaint: str
) -> None:
    with pytest.raises(NotConfiguredError, match=complaint):
        told(**variables)


def test_a_signature_and_a_sender_can_have_names(told: Callable[..., NotificationsSettings]) -> None:
    named = told(
        mail_from="Hà Nội 2025 <no-reply@hanoi.example>",
        signature='{"en": "Hanoi", "fr": "Hanoï", "vi": "Hà Nội"}',
        time_zone="Asia/Ho_Chi_Minh",
    )

    assert (named.sender.display_name, named.sender.addr_spec) == ("Hà Nội 2025", "no-reply@hanoi.example")
    assert named.signature.fr == "Hanoï"


async def test_a_password_goes_over_tls_and_only_there(
    station: Station, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = tmp_path / "smtp-password"
    password.write_text("s3cret\n")
    secured = _secured(station.post_office, tmp_path, monkeypatch)
    await station.post_office.close()
    await station.post_office.open()
    login = {"smtp_username": "placet", "smtp_password_file": password, "smtp_connections": 1}
    async with station.notifications(smtp_tls="starttls", **login) as notifications:
        await station.access.says(sample("access.LockdownDeclared.v1"))
        await notifications.hear_and_send()

    assert station.post_office.logins == [("placet", "s3cret", True)]
    assert secured["tls_context"].session_stats()["accept_good"] == 1


async def test_a_server_without_tls_gets_no_password_and_no_message(station: Station, tmp_path: Path) -> None:
    password = tmp_path / "smtp-password"
    password.write_text("s3cret")
    station.post_office.options = {"authenticator": station.post_office.log_in, "auth_require_tls": False}
    login = {"smtp_username": "placet", "smtp_password_file": password}
    async with station.notifications(smtp_tls="starttls", **login) as notifications:
        await station.access.says(sample("access.LockdownDeclared.v1"))
        await notifications.hear()
        await eventually(lambda: "mail_server" in notifications.sender.lacks)

    assert station.post_office.dialogues == 1
    assert station.post_office.logins == []
    assert station.post_office.mail == []


async def test_a_server_whose_certificate_nobody_vouches_for_gets_nothing(
    station: Station, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _secured(station.post_office, tmp_path, monkeypatch)
    monkeypatch.delenv("SSL_CERT_FILE")
    async with station.notifications(smtp_tls="starttls") as notifications:
        await station.access.says(sample("access.LockdownDeclared.v1"))
        await notifications.hear()
        await eventually(lambda: "mail_server" in notifications.sender.lacks)

    assert station.post_office.mail == []


def _secured(office: PostOffice, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Gives the post office a certificate, and us reason to trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "post office")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, key_pem = folder / "office.pem", folder / "office.key"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem, key_pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    office.options = {"tls_context": context, "require_starttls": True, "authenticator": office.log_in}
    return office.options
