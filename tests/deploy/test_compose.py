"""docker-compose.yml says what the services understand, and gives containers no more than they need."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from chassis.run.embedded.postgres import _SETTINGS
from contracts.topology import SERVICES
from contracts.words import ServiceName
from placet.serving import NotConfiguredError, settings_of
from tests.deploy.conftest import DEPLOY, ROOT, Compose, settings_class

DOCKERFILE = (DEPLOY / "Dockerfile").read_text("utf-8")
OF_THE_IMAGE: dict[str, str] = dict(re.findall(r"\b(PLACET_(?:HOST|PORT))=(\S+)", DOCKERFILE))
EXAMPLE: dict[str, str] = dict(
    re.findall(r"^(PLACET_\w+)=(.*)$", (DEPLOY / "example.env").read_text("utf-8"), re.MULTILINE)
)
MIGRATIONS = {f"{service}-migrate" for service in SERVICES}
OURS: dict[str, ServiceName] = {name: service for service in SERVICES for name in (service, f"{service}-migrate")}
"""The containers of our images, with the service each is of."""
TELEMETRY = {"collector", "prometheus", "grafana"}
"""Others' images, under a profile."""
OF_THE_SOCKET = ("listen_addresses", "unix_socket_permissions")


def variables(service: str) -> dict[str, bool]:
    """What a service reads, and whether it must be given."""
    return {
        f"PLACET_{name.upper()}": field.is_required() for name, field in settings_class(service).model_fields.items()
    }


def misfits(compose: Compose) -> Iterator[str]:
    """Variables that a service does not know, or misses."""
    for container, service in OURS.items():
        known, given = variables(service), compose["services"][container]["environment"]
        yield from (f"{container} does not know {name}" for name in given if name not in known)
        missing = known.keys() - given.keys() - OF_THE_IMAGE.keys()
        yield from (f"{container} misses {name}" for name in sorted(missing) if known[name])


def resolved(environment: Mapping[str, str | None], of: Mapping[str, str]) -> dict[str, str]:
    """The variables as Compose passes them on: ``${NAME:-default}`` filled in, and those without a value if set."""

    def fill(match: re.Match[str]) -> str:
        name, operator, rest = match.groups()
        assert name in of or operator == ":-", f"{name} is not in example.env"
        return of.get(name, rest)

    given = {name: of.get(name) if value is None else value for name, value in environment.items()}
    filled = {name: value for name, value in given.items() if value is not None}
    return {name: re.sub(r"\$\{(\w+)(:-|:\?)([^}]*)\}", fill, value) for name, value in filled.items()}


def test_services_are_given_what_they_read_and_nothing_else(compose: Compose) -> None:
    assert list(misfits(compose)) == []


def test_a_misspelt_variable_would_be_found(compose: Compose) -> None:
    """Control."""
    environment = compose["services"]["access"]["environment"] = dict(compose["services"]["access"]["environment"])
    environment["PLACET_VENEU"] = environment.pop("PLACET_VENUE")

    assert list(misfits(compose)) == ["access does not know PLACET_VENEU", "access misses PLACET_VENUE"]


@pytest.mark.parametrize("container", OURS)
def test_the_example_is_a_configuration(container: str, compose: Compose, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**OF_THE_IMAGE, **resolved(compose["services"][container]["environment"], EXAMPLE)}.items():
        monkeypatch.setenv(name, value)

    settings = settings_of(OURS[container])

    assert not settings.embedded
    assert settings.clock_file is None
    assert (settings.owner_database_url is not None) == (container in MIGRATIONS)


def test_without_the_example_it_would_not_be(compose: Compose, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control."""
    for name, value in resolved(compose["services"]["access"]["environment"], EXAMPLE).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PLACET_PORT", "no number")

    with pytest.raises(NotConfiguredError, match="PLACET_PORT"):
        settings_of("access")


def test_the_example_sets_what_compose_uses() -> None:
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    assert [name for name in EXAMPLE if name not in text] == []


@pytest.mark.parametrize("container", OURS)
def test_each_image_is_of_one_service(container: str, compose: Compose) -> None:
    service = OURS[container]
    content = compose["services"][container]

    assert content["build"] == {"context": ".", "dockerfile": "deploy/Dockerfile", "args": {"SERVICE": service}}
    assert content["image"] == f"placet-{service}:${{PLACET_VERSION:-local}}"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_starts_after_its_migrations(service: str, compose: Compose) -> None:
    services = compose["services"]

    assert services[service]["depends_on"][f"{service}-migrate"] == {"condition": "service_completed_successfully"}
    assert services[f"{service}-migrate"]["depends_on"]["postgres"] == {"condition": "service_healthy"}
    assert services[f"{service}-migrate"]["command"] == ["migrate"]
    assert services[f"{service}-migrate"]["restart"] == "no"


def test_every_container_is_hardened(compose: Compose) -> None:
    assert compose["services"].keys() == {*OURS, "postgres", "nats", "mailbox", *TELEMETRY}
    for name, content in compose["services"].items():
        assert content["read_only"] is True, name
        assert content["cap_drop"] == ["ALL"], name
        assert content["security_opt"] == ["no-new-privileges:true"], name
        nobody = r"65534\b" if name == "prometheus" else r"(\$\{PLACET_UID:-)?10001\b"
        assert re.match(nobody, content["user"]), name
        assert content["mem_limit"], name
        assert not content.keys() & {"privileged", "cap_add", "network_mode", "pid", "ipc", "devices"}, name
        if name not in MIGRATIONS:
            # The collector's image has no program that could ask; Prometheus asks it.
            assert name == "collector" or content["healthcheck"]["test"][0] == "CMD", name
            assert content["restart"] == "unless-stopped", name


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_time_to_stop_and_hears_that_it_should(service: str, compose: Compose) -> None:
    content = compose["services"][service]

    assert int(content["stop_grace_period"].removesuffix("s")) >= 20  # requests under way have ten, the bus has five
    assert content["init"] is True


def test_nothing_is_reachable_from_other_machines(compose: Compose) -> None:
    published = {name: content["ports"] for name, content in compose["services"].items() if "ports" in content}

    assert published.keys() == {*SERVICES, "nats", "prometheus", "grafana"}
    assert all(re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port) for ports in published.values() for port in ports)


def test_only_services_and_their_migrations_reach_the_databases(compose: Compose) -> None:
    near = {name for name, content in compose["services"].items() if "stores" in content["networks"]}

    assert compose["networks"]["stores"]["internal"] is True
    assert near == {*OURS, "postgres"}
    assert compose["services"]["postgres"]["networks"] == ["stores"]


def test_secrets_are_files_and_never_in_an_environment(compose: Compose) -> None:
    for name, content in compose["services"].items():
        for variable, value in content.get("environment", {}).items():
            if re.search(r"PASSWORD|_KEY|SEED|TOKEN", variable):
                assert variable.endswith("_FILE"), name
                assert value.startswith("/run/secrets/"), name
    for name, secret in compose["secrets"].items():
        assert secret == {"file": f"./secrets/{name}"}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_the_secrets_it_names_and_nobody_elses(service: str, compose: Compose) -> None:
    content = compose["services"][service]
    mounted = dict(_mounted(content))
    named = {value for value in content["environment"].values() if str(value).startswith("/run/secrets/")}

    assert named | {"/run/secrets/jwks.json"} == mounted.keys()
    assert not any(other in source for source in mounted.values() for other in (*SERVICES, "owner") if other != service)


@pytest.mark.parametrize("service", SERVICES)
def test_a_migration_has_the_owners_password_and_no_other_secret(service: str, compose: Compose) -> None:
    content = compose["services"][f"{service}-migrate"]
    file = content["environment"]["PLACET_OWNER_DATABASE_PASSWORD_FILE"]

    assert dict(_mounted(content)) == {file: f"postgres-{service}_owner"}


def test_postgres_is_set_as_in_embedded_runs(compose: Compose) -> None:
    """But for where it listens: there on a socket, here in a network of its own."""
    command = compose["services"]["postgres"]["command"]
    alike = {name: value for name, value in _SETTINGS.items() if name not in OF_THE_SOCKET}

    assert dict(one.removeprefix("--").split("=", 1) for one in command[1:]) == alike
    assert "--auth=scram-sha-256" in compose["services"]["postgres"]["environment"]["POSTGRES_INITDB_ARGS"]


def test_what_must_last_is_in_a_volume(compose: Compose) -> None:
    services = compose["services"]

    assert "postgres:/var/lib/postgresql" in services["postgres"]["volumes"]
    assert "nats:/data" in services["nats"]["volumes"]
    assert services["accreditation"]["volumes"] == ["erasures:/var/lib/placet"]
    assert services["accreditation"]["environment"]["PLACET_ERASURES_FILE"].startswith("/var/lib/placet/")


def test_the_image_runs_as_nobody_special_and_says_how_it_is() -> None:
    last = DOCKERFILE.split("\nFROM ")[-1]
    words = dict(re.findall(r"^(USER|STOPSIGNAL|ENTRYPOINT|CMD) (.+)$", last, re.MULTILINE))

    assert words["USER"] == "10001:10001"
    assert json.loads(words["ENTRYPOINT"]) + json.loads(words["CMD"]) == ["python", "-m", "placet", "serve"]
    assert re.search(r"^HEALTHCHECK .* CMD \[", last, re.MULTILINE)
    assert "PLACET_SERVICE=$SERVICE" in last
    assert "STOPSIGNAL SIGTERM" in DOCKERFILE


def test_the_image_is_built_from_our_packages_and_locks_only() -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]

    assert rules[0] == "*"
    assert {rule for rule in rules if rule.startswith("!")} == {
        *(f"!{package}" for package in ("contracts", "chassis", "placet", "services", "web")),
        "!deploy/*.lock",
        "!deploy/healthcheck.py",
    }


def test_the_table_of_variables_is_complete(compose: Compose) -> None:
    """As the settings have it: who reads a variable, whether it is needed, and where it comes from here."""
    rows = re.findall(
        r"^\| `(PLACET_\w+)` \| ([^|]*) \| ([^|]*)\| ([^|]*) \|",
        (DEPLOY / "README.md").read_text("utf-8"),
        re.MULTILINE,
    )
    table = {name: (readers, needed.strip(), here) for name, readers, needed, here in rows}

    assert len(rows) == len(table)
    assert table == dict(_expected_rows(compose["services"]))


def _mounted(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for secret in content["secrets"]:
        source, target = (secret, secret) if isinstance(secret, str) else (secret["source"], secret["target"])
        yield f"/run/secrets/{target}", source


def _expected_rows(containers: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, str, str]]]:
    given = {name: value for container in OURS for name, value in containers[container]["environment"].items()}
    for name in sorted({name for service in SERVICES for name in variables(service)}):
        readers = [service for service in SERVICES if name in variables(service)]
        needed = any(variables(service)[name] for service in readers)
        who = "all" if len(readers) == len(SERVICES) else ", ".join(readers)
        yield name, (who, "required" if needed else "", _from_where(name, given))


def _from_where(name: str, given: Mapping[str, str | None]) -> str:
    if name in OF_THE_IMAGE:
        return "image"
    if name not in given:
        return "no"
    value = given[name]
    if value is None or "${" in value:
        return ".env"
    return "secret" if value.startswith("/run/secrets/") else "set"
