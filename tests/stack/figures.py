"""What people ask before they switch it on: costs, stalls, losses. Measured, and not checked: the machine decides."""

import subprocess

from .checks import deaths
from .programs import Staging, build
from .servers import ROOT
from .waiting import expect

_SECONDS = 8


def show(stack):
    """Prints them."""
    print("\nThe staging example, its own load on the same machine:")
    print(f"    {'':44} {'requests/s':>10} {'slowest':>9}")
    rows = [
        ("without an exporter", None, {"OTEL_SDK_DISABLED": "true"}),
        ("no request traced", stack.collector.http, {"OTEL_TRACES_SAMPLER": "always_off"}),
        ("interrupted requests too, as by default", stack.collector.http, {}),
        ("the same, with nobody listening", "http://127.0.0.1:1", {}),
    ]
    for number, (what, endpoint, variables) in enumerate(rows):
        staging = Staging(stack.servers, f"figures-{number}", _SECONDS, endpoint or "", CHECKEDMAP_REPORT="off", **variables)
        summary = staging.finish()
        print(f"    {what:44} {summary.served / _SECONDS:10.0f} {summary.slowest:>9}", flush=True)

    print("\nExport of one conflict:", flush=True)
    command = ["cargo", "bench", "--quiet", "-p", "checkedmap-otel", "--bench", "export", "--"]
    done = subprocess.run([*command, "--collector", stack.collector.http], cwd=ROOT, check=False)
    expect(done.returncode == 0, f"{' '.join(command)} failed; the reason is above")

    print("\nConflicts lost in each way to die:", flush=True)
    build()
    deaths.run(stack)
