"""Which settings and which wiring a service has. A process of one service never loads another's code."""

from importlib import import_module
from pathlib import Path

import asyncpg
from pydantic import ValidationError

from chassis.run import host
from chassis.run.database import CHASSIS_MIGRATIONS, migrate
from chassis.run.settings import Settings
from contracts.words import ServiceName


class NotConfiguredError(Exception):
    """Settings are missing or wrong; the text names the variables."""


def settings_of(service: ServiceName) -> Settings:
    """The service's settings from the environment. Raises NotConfiguredError."""
    module = import_module(f"services.{service}.settings")
    settings_class: type[Settings] = getattr(module, f"{service.capitalize()}Settings")
    try:
        return settings_class()  # from the environment
    except ValidationError as error:
        wrong = [f"PLACET_{str(one['loc'][0]).upper()}: {one['msg']}" for one in error.errors()]
        raise NotConfiguredError(f"{service} is not configured.\n" + "\n".join(wrong)) from error


def run(service: ServiceName) -> None:
    """Serves until told to stop."""
    host.serve(service, settings_of(service), import_module(f"services.{service}.app").build)


async def bring_up_to_date(service: ServiceName) -> list[str]:
    """Applies the migrations of a service's database as its owner; those applied now. Raises NotConfiguredError."""
    settings = settings_of(service)
    if settings.owner_database_url is None or settings.owner_database_password_file is None:
        raise NotConfiguredError("Set PLACET_OWNER_DATABASE_URL and PLACET_OWNER_DATABASE_PASSWORD_FILE.")
    password = settings.read_secret(settings.owner_database_password_file)
    connection = await asyncpg.connect(settings.owner_database_url, password=password, timeout=30)
    try:
        return await migrate(connection, service, [CHASSIS_MIGRATIONS, migrations_of(service)])
    finally:
        await connection.close()


def migrations_of(service: ServiceName) -> Path:
    """The folder of a service's own migrations; it may not exist."""
    return Path(__file__).parent.parent / "services" / service / "migrations"
