"""The data folder of an embedded run: where things lie, who may read them, and that only one run uses it."""

import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from chassis.run.foreseen import ForeseenError

SERVER_USER = "nobody"
"""Who PostgreSQL and NATS run as when we are root; they refuse, or ought to refuse, to be root themselves."""

_SOCKET_PATH_LIMIT = 90  # bytes; the kernel's limit is 107, and PostgreSQL adds `/.s.PGSQL.5432`


class FolderError(ForeseenError):
    """The data folder cannot be used as it is; the text says why and what to do."""


def default_folder(project: Path) -> Path:
    """Where data lies unless told otherwise: in the project, or, for root, where the servers' user can reach it."""
    if os.geteuid() == 0:
        return Path("/var/lib/placet") / hashlib.sha256(str(project.resolve()).encode()).hexdigest()[:12]
    return project / ".placet"


def temporary_folder(purpose: str) -> Path:
    """A fresh folder for a run that leaves nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix=f"placet-{purpose}-", dir="/tmp"))  # reachable for the servers' user
    folder.chmod(0o711)
    return folder


class DataFolder:
    """An embedded run's data. Creates what is missing; changes no parent's mode, ever.

    Raises FolderError when another run uses it or the servers cannot reach it.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        if not self.root.exists():
            self.root.mkdir(parents=True)
            self.root.chmod(0o711)  # whatever the shell's umask says
        self._check_reachable()
        self.secrets = self._private("secrets")
        self.logs = self._private("logs")
        self.postgres = self._server_owned("postgres")
        self.nats = self._server_owned("nats")
        self.run = self._server_owned(self._run_folder(), mode=0o711)

    @property
    def server_user(self) -> str | None:
        """Who the servers run as, or None for ourselves."""
        return SERVER_USER if os.geteuid() == 0 else None

    def lock(self) -> None:
        """Takes the folder for this process until it ends. Raises FolderError, naming the process that has it."""
        file = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(file, 32).decode() or "unknown"
            os.close(file)
            raise FolderError(
                f"{self.root} is in use by process {holder}. Use that run, stop it with Ctrl-C, or name another "
                "folder with --data."
            ) from None
        os.truncate(file, 0)
        os.write(file, str(os.getpid()).encode())
        # Left open on purpose: the lock lives as long as the process.

    def secret(self, name: str) -> Path:
        """The 0600 file of a generated secret (43 characters); made on first use."""
        return self.secret_file(name, lambda: secrets.token_urlsafe(32).encode())

    def secret_file(self, name: str, make: Callable[[], bytes]) -> Path:
        """The 0600 file ``name``, filled by ``make`` when it is not there yet. Never half written."""
        file = self.secrets / name
        if not file.exists():
            unfinished = file.with_suffix(".new")
            unfinished.unlink(missing_ok=True)
            with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(make())
                out.flush()
                os.fsync(out.fileno())
            unfinished.rename(file)
            _sync(self.secrets)  # a key that a power cut takes away takes with it what it locks
        return file

    def reachable(self, program: Path, *, home: Path | None = None) -> Path:
        """``program``, or a copy of it where the servers' user can execute it; of all of ``home``, if it needs that."""
        if self.server_user is None or all(parent.stat().st_mode & 0o001 for parent in program.parents):
            return program
        if home is None:
            copy = self.root / "bin" / program.name
            _copy_if_changed(program, copy)
            return copy
        copy = self.root / "bin" / home.name
        _copy_if_changed(home, copy)
        return copy / program.relative_to(home)

    def hand_over(self, path: Path) -> Path:
        """Gives a file or folder to the servers' user."""
        if self.server_user is not None:
            user = pwd.getpwnam(self.server_user)
            os.chown(path, user.pw_uid, user.pw_gid)
        return path

    def hand_over_text(self, file: Path, text: str) -> Path:
        """Writes a 0600 file for the servers' user."""
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            out.write(text)
        return self.hand_over(file)

    def _private(self, name: str) -> Path:
        folder = self.root / name
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def _server_owned(self, name: str | Path, mode: int = 0o700) -> Path:
        folder = self.root / name
        folder.mkdir(exist_ok=True)
        folder.chmod(mode)
        return self.hand_over(folder)

    def _run_folder(self) -> Path:
        """Sockets lie in the data folder, unless its path is longer than a socket's address may be."""
        folder = self.root / "run"
        if len(os.fsencode(folder)) <= _SOCKET_PATH_LIMIT:
            return folder
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"placet-{digest}"
        self._check_ours(folder)
        return folder

    def _check_ours(self, folder: Path) -> None:
        """Anybody may make folders in /tmp, and guess this name."""
        with suppress(FileNotFoundError):
            found = folder.lstat()
            ours = {os.geteuid()} | ({pwd.getpwnam(self.server_user).pw_uid} if self.server_user else set())
            if not stat.S_ISDIR(found.st_mode) or found.st_uid not in ours:
                raise FolderError(f"{folder} is somebody else's. Remove it, or name a shorter --data folder.")

    def _check_reachable(self) -> None:
        if self.server_user is None:
            return
        closed = [parent for parent in self.root.parents if not parent.stat().st_mode & 0o001]
        if closed:
            raise FolderError(
                f"{closed[-1]} is private, and the servers run as {self.server_user!r}, who cannot pass it. "
                f"Name a folder outside with --data, for example {default_folder(self.root)}."
            )


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _copy_if_changed(source: Path, target: Path) -> None:
    if target.exists():
        if target.stat().st_mtime_ns == source.stat().st_mtime_ns:  # copying keeps it, an upgrade changes it
            return
        shutil.rmtree(target) if target.is_dir() else target.unlink()
    unfinished = target.with_name(target.name + ".new")
    with suppress(FileNotFoundError):
        shutil.rmtree(unfinished) if unfinished.is_dir() else unfinished.unlink()
    unfinished.parent.mkdir(mode=0o755, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, unfinished)
    else:
        shutil.copy2(source, unfinished)
    unfinished.rename(target)
