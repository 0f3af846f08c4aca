"""Talking to the person at the terminal, and running other programs."""

import contextlib
import errno
import os
import subprocess
import sys
import threading
import time

NO_NETWORK = "There seems to be no network (or no way to the package mirror)."

_lock = threading.Lock()


class DevError(Exception):
    """Something a person can act on; its text is shown without a traceback."""


def say(text=""):
    """Write one whole line; threads may call it at the same time."""
    with _lock:
        print(text, flush=True)


@contextlib.contextmanager
def step(title):
    """Announce a piece of work and say how long it took."""
    say(f"· {title} ...")
    start = time.monotonic()
    yield
    say(f"✓ {title} ({time.monotonic() - start:.0f} s)")


def run(command, *, fail, log=None, **options):
    """Run a program quietly; return its combined output.

    :param fail: what to tell the person when it does not succeed, or a function
        that makes such a text from the output.
    :param log: file that keeps the output.
    :raises DevError: when the program is missing or its exit status is not 0.
    """
    command = [str(part) for part in command]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            **options,
        )
    except FileNotFoundError as error:
        raise DevError(f"{fail_text(fail, '')}\nNot found: {command[0]}") from error
    if log:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(done.stdout)
    if done.returncode:
        text = fail_text(fail, done.stdout)
        raise DevError(text + tail(done.stdout, 3 if NO_NETWORK in text else 12))
    return done.stdout


def fail_text(fail, output):
    """Return the text for a failure, most telling cause first."""
    if "No space left on device" in output:
        return "The disk is full: " + os.strerror(errno.ENOSPC) + "."
    return fail(output) if callable(fail) else fail


def tail(output, lines):
    """Return the last lines of a program's output, indented."""
    kept = [line for line in output.splitlines() if line.strip()][-lines:]
    return "".join(f"\n    {line[:300]}" for line in kept)


def in_parallel(*jobs):
    """Run functions at the same time; raise the first error after all ended."""
    errors = []

    def guarded(job):
        try:
            job()
        except BaseException as error:  # carried over to the caller's thread
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def abort(error):
    """Print a failure to stderr and return the exit status for it."""
    sys.stdout.flush()
    print(f"\n✗ {error}", file=sys.stderr, flush=True)
    return 1
