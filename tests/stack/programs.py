"""The programs under test: the staging example, and the one that dies."""

import os
import pathlib
import re
import subprocess

from .servers import ROOT, clean_environment
from .waiting import Failed, expect

# The release build is what users run: debug information and inlining are as in production.
_BUILD = ["cargo", "build", "--release", "--quiet", "--example", "staging", "--example", "ways_to_die"]


def build():
    """Builds the examples."""
    done = subprocess.run(_BUILD, cwd=ROOT, check=False)
    expect(done.returncode == 0, f"{' '.join(_BUILD)} failed; the reason is above")


def example(name):
    """The path of an example's program."""
    target = os.environ.get("CARGO_TARGET_DIR") or "target"
    return pathlib.Path(ROOT, target, "release", "examples", name)


class Staging:
    """A run of the staging example."""

    def __init__(self, servers, service, seconds, endpoint, options=(), **variables):
        environment = clean_environment(OTEL_SERVICE_NAME=service, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint, **variables)
        command = [example("staging"), "--seconds", seconds, *options]
        self.service = service
        self.seconds = seconds
        self.process = servers.process(f"staging-{service}", command, environment).start()

    def finish(self):
        """Waits for its end, and reads what it says of itself."""
        status = self.process.wait(self.seconds * 3 + 60)
        output = self.process.output()
        expect(status == 0, f"staging ended with status {status}")
        return Summary(output)


class Summary:
    """What the staging example prints at its end."""

    def __init__(self, output):
        self.books = _terms(r"^THE BOOKS: (.*) \(balanced\)$", output)
        self.accounts = _terms(r"^TELEMETRY: (.*)$", output) if "\nTELEMETRY: " in output else {}
        self.suspects = _terms(r"^SUSPECTS: (.*?):", output) if "\nSUSPECTS: " in output else {}
        self.traces = re.findall(r"^  trace ([0-9a-f]{32})  ", output, re.MULTILINE)
        self.slowest = _find(r"slowest answer (\S+)$", output)
        self.served = int(_find(r"requests  (\d+) served in ", output))
        self.per_second = [int(served) for served in re.findall(r" s +(\d+) requests ", output)]


def _find(pattern, output):
    found = re.search(pattern, output, re.MULTILINE)
    if not found:
        raise Failed(f"the program's output has no {pattern!r}")
    return found.group(1)


def _terms(pattern, output):
    """`sent 2 + pending 0` as a dictionary."""
    return {name: int(value) for name, value in re.findall(r"([a-z]+) (\d+)", _find(pattern, output))}


class Mortal:
    """A run of the example that dies."""

    def __init__(self, servers, way, conflicts, service, endpoint, **variables):
        environment = clean_environment(
            OTEL_SERVICE_NAME=service, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint, CHECKEDMAP_REPORT="off", **variables
        )
        command = [example("ways_to_die"), way, conflicts]
        self.process = servers.process(f"{service}", command, environment).start()

    def finish(self):
        """Waits for its end; the exit status, negative for a signal."""
        status = self.process.wait(60)
        expect("conflicts on hand" in self.process.output(), f"it has not begun (status {status})")
        return status
