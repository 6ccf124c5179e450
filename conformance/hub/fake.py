"""Talks to the fake hub that conformance/hub/run has started, and prints one line a check."""

import hashlib
import os
import pathlib
import time


def fake(*command):
    """Gives the fake a command and waits until it has obeyed."""
    out = pathlib.Path(os.environ["FAKE_OUT"])
    before = out.read_text().splitlines().count("done")
    with open(os.environ["FAKE_IN"], "w") as stream:
        stream.write(" ".join(str(word) for word in command) + "\n")
    for _ in range(1000):
        if out.read_text().splitlines().count("done") > before:
            return
        time.sleep(0.01)
    raise AssertionError(f"the fake did not obey: {command}")


def sha256(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def check(name):
    def run(body):
        try:
            body()
            print(f"ok python: {name}")
        except Exception as e:  # every failure is one line
            print(f"not ok python: {name}: {type(e).__name__} {str(e)[:300]!r}")

    return run


def raises(error, call, status=None):
    try:
        call()
    except error as e:
        found = getattr(getattr(e, "response", None), "status_code", None)
        assert status is None or found == status, f"status {found}"
        return
    raise AssertionError(f"no {error.__name__}")
