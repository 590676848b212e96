"""Servers and programs as processes: started with their output in a file, and ended whatever happens."""

import ctypes
import os
import pathlib
import signal
import socket
import subprocess

from .waiting import Failed, until

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Lines of each process's output that a failure shows.
TAIL = 25

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


def _die_with_parent():
    """Runs in the child: a runner that is killed takes its servers along."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def install(program):
    """The path of a server's program, installed where it is missing."""
    command = [ROOT / "tests/servers/install", program]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        way_out = "; what can do without it is checked with --skip jaeger" if program == "jaeger" else ""
        raise Failed(f"{program} could not be installed; the reason is above{way_out}")
    return done.stdout.splitlines()[-1]


def free_ports(count):
    """Ports of 127.0.0.1 that nobody listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [server.getsockname()[1] for server in sockets]
    for server in sockets:
        server.close()
    return ports


class Process:
    """One process and its output."""

    def __init__(self, name, command, log, environment=None):
        self.name = name
        self.log = log
        self._command = [str(word) for word in command]
        self._environment = environment
        self._child = None

    def start(self):
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.log.parent,
                env=self._environment,
                preexec_fn=_die_with_parent,
            )
        return self

    @property
    def pid(self):
        return self._child.pid

    def is_running(self):
        return self._child is not None and self._child.poll() is None

    def ready_when(self, ask, seconds=60):
        """Waits until it serves."""

        def serving():
            if not self.is_running():
                raise Failed(f"{self.name} ended with status {self._child.returncode} before it served")
            return ask()

        until(f"{self.name} to serve", serving, seconds)
        return self

    def wait(self, seconds):
        """Waits for its end; the exit status, negative for a signal."""
        try:
            return self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.name} has not ended within {seconds} s") from None

    def kill(self):
        """Ends it as a crash would."""
        if self.is_running():
            self._child.kill()
        if self._child is not None:
            self._child.wait()

    def stop(self):
        """Asks it to end, and makes it."""
        if self.is_running():
            self._child.terminate()
            try:
                self._child.wait(5)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()

    def output(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def tail(self):
        lines = self.output().splitlines()[-TAIL:]
        return "\n".join(f"    {line[:300]}" for line in lines)


class Servers:
    """Everything that was started; ends it on the way out."""

    def __init__(self, folder):
        self.folder = folder
        self._processes = []

    def process(self, name, command, environment=None):
        """A process, not yet started. Names may come again; each has a file of its own."""
        log = self.folder / f"{len(self._processes):02}-{name}.log"
        process = Process(name, command, log, environment)
        self._processes.append(process)
        return process

    def write(self, name, text):
        """A configuration file."""
        path = self.folder / name
        path.write_text(text)
        return path

    def tails(self):
        """The ends of all output, for people who look for what went wrong."""
        shown = [f"--- {process.log}\n{process.tail()}" for process in self._processes if process.output()]
        return "\n".join(shown)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self._processes):
            process.stop()


def clean_environment(**variables):
    """The environment without what steers the programs, and with these variables."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "CHECKEDMAP_"))}
    return kept | {"RUST_BACKTRACE": "0"} | variables


# Jaeger would send spans of its own to a collector at the default port.
UNTRACED = clean_environment(OTEL_TRACES_SAMPLER="always_off")
