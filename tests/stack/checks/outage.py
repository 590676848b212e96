"""A collector that is killed in mid-run, and comes back."""

import time

from ..collector import Collector
from ..programs import Staging
from ..waiting import expect, until

_SERVICE = "staging-outage"

# A pair of sites is reported anew five seconds after its last window closed, until the janitor stops at 60 %: so there are
# reports before the outage, in it and after it.
_SECONDS = 25

_AWAY = 8


def run(stack):
    """The program goes on, its books balance, and what it found during the outage is in Jaeger afterwards."""
    # One of its own: others are at work with the shared one.
    collector = Collector(stack.servers, stack.jaeger, stack.authority).start()
    spool = stack.servers.folder / "spool"
    staging = Staging(stack.servers, _SERVICE, _SECONDS, collector.http, CHECKEDMAP_SPOOL=str(spool))
    stack.jaeger.wait_for_conflicts(_SERVICE, 1)
    collector.kill()
    killed = time.time_ns()
    time.sleep(_AWAY)
    collector.start()
    back = time.time_ns()
    summary = staging.finish()

    books, accounts = summary.books, summary.accounts
    expect(books["detected"] == books["delivered"] + books["coalesced"], f"the books: {books}")
    expect(books["dropped"] == books["queued"] == 0, f"the books: {books}")
    expect(accounts["taken"] == accounts["sent"], f"the accounts: {accounts}")
    expect(len(summary.traces) == books["delivered"], f"{len(summary.traces)} traces for {books['delivered']} reports")
    traces = [until(f"the trace {known} in Jaeger", lambda: stack.jaeger.trace(known), 20) for known in summary.traces]
    detected = [trace.named("checkedmap.conflict")[0].number("checkedmap.detected_ns") for trace in traces]
    missed = sum(killed < at < back for at in detected)
    expect(missed > 0, "no conflict was reported during the outage: it shows nothing")
    until("the spool to be empty", lambda: not any(path.stat().st_size for path in spool.rglob("*") if path.is_file()), 5)
    rates = summary.per_second
    return (
        f"away for {(back - killed) / 1e9:.1f} s; detected {books['detected']} = {len(traces)} in Jaeger ({missed} of them from the "
        f"outage) + {books['coalesced']} folded into them; slowest answer {summary.slowest}, "
        f"{min(rates)} to {max(rates)} requests a second"
    )
