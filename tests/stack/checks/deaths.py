"""The ways to die, and the conflicts that are lost by each."""

import signal
import time

from ..programs import Mortal
from ..waiting import expect

_CONFLICTS = 20

# A search that came up short is asked again for so long, in seconds; a span is found about a second after it was sent.
_SETTLED = 4

# The way, its exit status, and whether nothing may be lost: in the run itself, or with a spool and a further start.
_WAYS = [
    ("return", 0, True, True),
    ("panic", 101, True, True),
    ("abort", -signal.SIGABRT, True, True),
    ("exit", 0, True, True),
    ("guard-exit", 0, True, True),
    ("sigterm", -signal.SIGTERM, True, True),
    ("kill", -signal.SIGKILL, False, True),
    ("kill-at-once", -signal.SIGKILL, False, False),
]


def run(stack):
    """Counts, for each way, what is in Jaeger after the death, and after the next start where there is a spool."""
    print(f"    {'way to die':14} {'collector':9} {'spool':5} {'conflicts':>9} {'in Jaeger':>9} {'next start':>10} {'lost':>5}")
    for way, status, nothing_lost, nothing_lost_with_spool in _WAYS:
        for away, spooled in ((False, False), (False, True), (True, True)):
            lost = _die(stack, way, status, away, spooled)
            if nothing_lost_with_spool if spooled else nothing_lost:
                expect(lost == 0, f"{way} {'with' if spooled else 'without'} a spool has lost {lost} conflicts")
    return f"{len(_WAYS)} ways, {_CONFLICTS} conflicts each"


def _die(stack, way, status, away, spooled):
    service = f"death-{way}{'-spooled' if spooled else ''}{'-away' if away else ''}"
    spool = {"CHECKEDMAP_SPOOL": str(stack.servers.folder / service)} if spooled else {}
    endpoint = stack.collector.http
    # Nobody listens at port 1. Where the collector is there, all of the bound is for a busy machine.
    first = {"endpoint": "http://127.0.0.1:1", "CHECKEDMAP_FLUSH_MS": "500"} if away else {"endpoint": endpoint}
    ended = Mortal(stack.servers, way, _CONFLICTS, service, **first, **spool).finish()
    expect(ended == status, f"{service} ended with status {ended}, not {status}")
    arrived = 0 if away else _count(stack.jaeger, service)
    recovered = arrived
    if spooled:
        expect(Mortal(stack.servers, "return", 0, service, endpoint, **spool).finish() == 0, f"{service} did not start again")
        recovered = _count(stack.jaeger, service)
    lost = _CONFLICTS - recovered
    expect(lost >= 0, f"{service} has {recovered} conflicts in Jaeger: some are there twice")
    said = str(recovered - arrived) if spooled else "-"
    spooled, away = "yes" if spooled else "no", "away" if away else "there"
    print(f"    {way:14} {away:9} {spooled:5} {_CONFLICTS:9} {arrived:9} {said:>10} {lost:5}", flush=True)
    return lost


def _count(jaeger, service):
    """The conflicts of a service, once they have stopped coming."""
    deadline = time.monotonic() + _SETTLED
    while True:
        found = {trace.id for trace in jaeger.conflicts(service)}
        if len(found) >= _CONFLICTS or time.monotonic() > deadline:
            return len(found)
        time.sleep(0.2)
