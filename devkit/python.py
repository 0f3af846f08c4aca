"""Python packages, each set in its own virtual environment in the cache."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from .debian import network_text
from .places import REPOSITORY, cache, digest, locked
from .ui import run, step

PIP = ["--no-input", "--disable-pip-version-check", "--retries=2"]
SETS = {
    "venv": ["requirements.txt", "requirements-test.txt"],
    "venv-lint": ["requirements-lint.txt"],
}


def program(name="python", env="venv"):
    """Return the path of a program in a virtual environment."""
    return cache() / env / "bin" / name


def ensure(env="venv"):
    """Make a virtual environment, or renew it when its requirements changed.

    A virtual environment cannot be moved, so the stamp is written last instead. One
    that works is only added to: other commands may be running from it.
    """
    files = [REPOSITORY / name for name in SETS[env]]
    target, stamp = cache() / env, cache() / env / "requirements.hash"
    wanted = digest(sys.version_info[:2], *files)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    with locked(env), step(f"Python packages ({', '.join(SETS[env])})"):
        if stamp.exists() and stamp.read_text() == wanted:
            return
        fresh = not works(env)
        try:
            install(env, files, fresh)
        except BaseException:
            if fresh:
                shutil.rmtree(target, ignore_errors=True)
            raise
        stamp.write_text(wanted)


def install(env, files, fresh):
    """Install requirement files, into a new environment if asked to."""
    if fresh:
        run(
            [base_python(), "-m", "venv", "--clear", cache() / env],
            fail="The virtual environment could not be made (python3-venv?).",
        )
    requirements = [f"-r{path}" for path in files]
    run(
        [program("python", env), "-m", "pip", "install", *PIP, *requirements],
        fail=network_text("Python packages could not be installed."),
        env=environment(),
    )


def base_python():
    """Return the interpreter that a virtual environment is made from."""
    return Path(sys.base_prefix, "bin", f"python3.{sys.version_info[1]}")


def environment():
    """Return the variables for programs that we start.

    Compiled Python files are always kept: without them each start of Odoo
    compiles a thousand files again.
    """
    dropped = {"PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}
    return {k: v for k, v in os.environ.items() if k not in dropped}


def works(env):
    """Return whether an environment exists and runs our version of Python."""
    wanted = str(sys.version_info[:2])
    try:
        done = subprocess.run(
            [program("python", env), "-c",
             "import pip, sys; print(sys.version_info[:2])"],
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
    except OSError:
        return False
    return done.stdout.strip() == wanted
