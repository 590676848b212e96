"""The command line: `tests/stack/run`."""

import argparse
import pathlib
import shutil
import signal
import sys
import tempfile
import time
import traceback

from . import figures, programs
from .checks import deaths, metrics, outage, protocols, suspects, trace
from .collector import Authority, Collector
from .jaeger import Jaeger
from .servers import Servers
from .waiting import Failed

# In the order in which they are made. `metrics` begins first and is looked at last.
_CHECKS = {
    "trace": trace,
    "suspects": suspects,
    "protocols": protocols,
    "deaths": deaths,
    "outage": outage,
    "metrics": metrics,
}


# One program, built with Go, is both of these servers, and without it there is neither.
_SERVERS = ("jaeger", "collector")

# What can be made without them: metrics that Prometheus scrapes from the program.
_WITHOUT_SERVERS = ("metrics",)


class Stack:
    """The servers that every check shares. Without Jaeger and a collector, both are None."""

    def __init__(self, servers, whole):
        self.servers = servers
        self.authority = self.jaeger = self.collector = None
        if not whole:
            return
        say("jaeger and collector")
        self.authority = Authority(servers.folder)
        self.jaeger = Jaeger(servers)
        self.collector = Collector(servers, self.jaeger, self.authority).start()


def say(text):
    print(f"stack: {text}", flush=True)


def _arguments():
    parser = argparse.ArgumentParser(
        prog="tests/stack/run",
        description="Runs the examples against a real Jaeger, OpenTelemetry Collector, Prometheus and Alertmanager on "
        "127.0.0.1, and asks these what arrived. What is missing is installed into ${XDG_CACHE_HOME:-~/.cache}/checkedmap; "
        "the first time that takes some minutes, for Jaeger is built.",
    )
    parser.add_argument(
        "--skip",
        action="append",
        default=[],
        choices=[*_CHECKS, *_SERVERS],
        metavar="NAME",
        help=f"leave a check out ({', '.join(_CHECKS)}), or a server with all that needs it ({', '.join(_SERVERS)}: for machines "
        "without Go, which builds both); may come again",
    )
    parser.add_argument("--only", action="append", default=[], choices=_CHECKS, help="make this check; may come again")
    parser.add_argument("--figures", action="store_true", help="measure instead of checking: costs, stalls, losses")
    parser.add_argument("--keep", action="store_true", help="keep the folder with the servers' output")
    arguments = parser.parse_args()
    if arguments.figures and set(arguments.skip) & set(_SERVERS):
        parser.error("--figures measures the way to a collector; it cannot do without one")
    return arguments


def main():
    arguments = _arguments()
    # So that the servers end with us.
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda *_: sys.exit(1))
    chosen = [name for name in _CHECKS if name not in arguments.skip and (not arguments.only or name in arguments.only)]
    missing = [name for name in _SERVERS if name in arguments.skip]
    without = [name for name in chosen if missing and name not in _WITHOUT_SERVERS]
    chosen = [name for name in chosen if name not in without]
    if not chosen and not arguments.figures:
        print("stack: no check is left; see --help", file=sys.stderr)
        return 1
    folder = pathlib.Path(tempfile.mkdtemp(prefix="checkedmap-stack."))
    failed = False
    with Servers(folder) as servers:
        try:
            say("building the examples")
            programs.build()
            stack = Stack(servers, whole=not missing)
            if arguments.figures:
                figures.show(stack)
                chosen = []
            begun = {name: [_CHECKS[name].begin(stack)] for name in chosen if hasattr(_CHECKS[name], "begin")}
            for name in chosen:
                began = time.monotonic()
                say(name)
                result = _CHECKS[name].run(stack, *begun.get(name, []))
                say(f"{name}: {result} ({time.monotonic() - began:.0f} s)")
        except Exception as reason:  # Whatever it is, the servers' output helps.
            failed = True
            print(servers.tails(), file=sys.stderr)
            if not isinstance(reason, Failed):
                traceback.print_exc()
            print(f"stack: FAILED: {reason}", file=sys.stderr)
    if failed or arguments.keep:
        print(f"stack: all output is in {folder}", file=sys.stderr)
    else:
        shutil.rmtree(folder, ignore_errors=True)
    for name in arguments.skip:
        say(f"{name}: skipped, as told")
    for name in without:
        say(f"{name}: skipped, for it needs {' and '.join(_SERVERS)}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
