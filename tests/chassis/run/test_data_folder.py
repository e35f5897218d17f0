"""The data folder of an embedded run: used by one run at a time, its secrets read by nobody else."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.run.embedded.folder import SERVER_USER, DataFolder, FolderError, default_folder, temporary_folder

_ROOT = Path(__file__).parents[3]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has servers run as somebody else")


@pytest.fixture
def place() -> Iterator[Path]:
    """A place that the servers' user can reach."""
    place = temporary_folder("test")
    yield place
    shutil.rmtree(place)


def test_a_second_run_is_refused_with_a_sentence_that_says_who_and_what_next(place: Path) -> None:
    DataFolder(place).lock()

    with pytest.raises(FolderError) as refused:
        DataFolder(place).lock()

    assert str(place) in str(refused.value)
    assert f"process {os.getpid()}" in str(refused.value)
    assert "--data" in str(refused.value)


def test_the_lock_ends_with_its_process(place: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from chassis.run.embedded.folder import DataFolder;"
        "DataFolder(Path(sys.argv[1])).lock(); print('locked')"
    )
    done = subprocess.run([sys.executable, "-c", script, str(place)], cwd=_ROOT, capture_output=True, check=True)
    assert done.stdout == b"locked\n"

    DataFolder(place).lock()


def test_secrets_are_made_once_and_for_us_alone(place: Path) -> None:
    folder = DataFolder(place)
    secret = folder.secret("one")

    assert secret.read_text() == DataFolder(place).secret("one").read_text()
    assert len(secret.read_text()) == 43
    assert secret.read_text() != folder.secret("two").read_text()
    assert secret.stat().st_mode & 0o777 == 0o600
    assert folder.secrets.stat().st_mode & 0o777 == 0o700
    assert folder.logs.stat().st_mode & 0o777 == 0o700


def test_a_secret_that_was_half_written_is_made_anew(place: Path) -> None:
    folder = DataFolder(place)
    (folder.secrets / "one.new").write_text("hal")

    assert len(folder.secret("one").read_text()) == 43


@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_what_others_may_do_with_it_does_not_depend_on_whose_shell_it_was(place: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        folder = DataFolder(place / "data")
    finally:
        os.umask(before)

    assert folder.root.stat().st_mode & 0o777 == 0o711
    assert folder.run.stat().st_mode & 0o777 == 0o711
    assert folder.postgres.stat().st_mode & 0o777 == 0o700
    assert folder.nats.stat().st_mode & 0o777 == 0o700


@as_root
def test_as_root_a_private_parent_is_refused_and_left_as_it_is(place: Path) -> None:
    private = place / "private"
    private.mkdir(mode=0o700)

    with pytest.raises(FolderError) as refused:
        DataFolder(private / "deep" / "data")

    assert str(private) in str(refused.value)
    assert SERVER_USER in str(refused.value)
    assert private.stat().st_mode & 0o777 == 0o700


@as_root
def test_as_root_data_lies_where_the_servers_can_reach_it(place: Path) -> None:
    assert default_folder(place).is_relative_to("/var/lib/placet")
    assert default_folder(place) != default_folder(place / "other")
    assert DataFolder(place).postgres.owner() == SERVER_USER


@as_root
def test_a_program_in_a_private_place_is_copied_and_no_more_than_it_needs(place: Path) -> None:
    """A virtual environment in a home folder: the broker is one file of its ``bin``, the database a tree of its own."""
    home = place / "home"
    for name in ("venv/bin/nats-server", "venv/bin/python", "venv/share/man/x.1", "pg/bin/postgres", "pg/share/x.sql"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(name)
        (home / name).chmod(0o755)
    (home / "venv/pyvenv.cfg").touch()
    home.chmod(0o700)
    folder = DataFolder(place / "data")

    broker = folder.reachable(home / "venv/bin/nats-server")
    database = folder.reachable(home / "pg/bin/postgres", home=home / "pg")

    assert (broker.read_text(), database.read_text()) == ("venv/bin/nats-server", "pg/bin/postgres")
    assert (database.parents[1] / "share/x.sql").exists()
    copied = {path.name for path in (place / "data").rglob("*") if path.is_file()}
    assert copied == {"nats-server", "postgres", "x.sql"}
    for program in (broker, database):
        assert all(parent.stat().st_mode & 0o001 for parent in program.parents)
    home.chmod(0o755)
    assert folder.reachable(home / "pg/bin/postgres") == home / "pg/bin/postgres"


def test_a_socket_lies_where_its_address_is_short_enough(place: Path) -> None:
    folder = DataFolder(place / ("x" * 100))
    try:
        assert len(str(folder.run)) < 90
        assert not folder.run.is_relative_to(folder.root)
        assert DataFolder(place).run == place / "run"
    finally:
        folder.run.rmdir()
