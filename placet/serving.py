"""Which settings and which wiring a service has. A process of one service never loads another's code."""

from importlib import import_module

from pydantic import ValidationError

from chassis.run.host import serve
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
        raise NotConfiguredError("\n".join(wrong)) from error


def run(service: ServiceName) -> None:
    """Serves until told to stop."""
    serve(service, settings_of(service), import_module(f"services.{service}.app").build)
