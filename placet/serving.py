"""Which settings and which wiring a service has. A process of one service never loads another's code."""

from importlib import import_module
from typing import TYPE_CHECKING

import asyncpg
from pydantic import ValidationError

from chassis.run.database import CHASSIS_MIGRATIONS, migrate
from chassis.run.foreseen import ForeseenError
from chassis.run.settings import Settings
from contracts.words import ServiceName
from placet.places import migrations_of

if TYPE_CHECKING:
    from chassis.run.host import Build


class NotConfiguredError(ForeseenError):
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


def wiring_of(service: ServiceName) -> "Build":
    """What makes the service's app of its parts."""
    build: Build = import_module(f"services.{service}.app").build
    return build


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
