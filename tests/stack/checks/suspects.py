"""A suspect of the staging example, as Jaeger, the collector and its metrics have it."""

from ..programs import Staging
from ..waiting import expect, only, until

_SERVICE = "staging-suspects"

# Two workers and some thousand logins a second: the first lost count comes within the first second.
_SECONDS = 5

_STEPS = ("lookup", "intervening", "acting")


def run(stack):
    """The suspect of a run is a trace of three steps, none of them an error, and leads to the request that acted."""
    staging = Staging(stack.servers, _SERVICE, _SECONDS, stack.collector.http, CHECKEDMAP_STALE="1")
    summary = staging.finish()
    expect(summary.suspects.get("detected", 0) > 0, "the run has no suspect")
    expect(summary.accounts["sent"] == summary.accounts["taken"], f"not all was sent: {summary.accounts}")
    traces = stack.jaeger.wait_for_suspects(_SERVICE, summary.suspects["delivered"])
    expect(len(traces) == summary.suspects["delivered"], f"{len(traces)} traces for {summary.suspects}")
    for trace in traces:
        _check(stack, trace)
    return f"{len(traces)} traces, each with three steps and stacks, a request and a log record, for {summary.suspects['detected']}"


def _check(stack, trace):
    root = only(trace.named("checkedmap.suspect"), f"roots of {trace.id}")
    steps = {span.tags.get("checkedmap.role"): span for span in trace.children(root)}
    expect(set(steps) == set(_STEPS), f"{trace.id} has the steps {sorted(map(str, steps))}")
    lookup, intervening, acting = (steps[name] for name in _STEPS)
    expect([lookup.name, intervening.name, acting.name] == ["checkedmap.get", "checkedmap.insert", "checkedmap.insert"], "other steps")
    for span in (root, lookup, intervening, acting):
        expect("error" not in span.tags and "otel.status_code" not in span.tags, f"{span.name} is an error")
        expect(span.tags.get("checkedmap.map.name") == "counters", f"{span.name} names another map")
    for span in (lookup, intervening, acting):
        expect("staging::counters::counted" in span.tags.get("code.stacktrace", ""), f"the stack of {span.name} is another")
        expect("checkedmap.start.estimated" not in span.tags, f"it is not known when {span.name} was")
    expect(lookup.begin <= intervening.begin <= acting.begin, "the steps are out of order")
    expect(lookup.tags["thread.id"] == acting.tags["thread.id"] != intervening.tags["thread.id"], "they are of one thread")
    expect(root.tags.get("checkedmap.effect") == "overwritten", f"the effect is {root.tags.get('checkedmap.effect')}")
    expect(root.tags.get("checkedmap.severity") == "suspect", "it is no suspect")

    link = only(acting.links, f"links of {acting.name}")
    expect(root.links == [link], "the root links to something else")
    request = until(f"the request {link[0]} in Jaeger", lambda: stack.jaeger.trace(link[0]), 20)
    span = only([span for span in request.spans if span.id == link[1]], f"spans of the request {link[0]}")
    expect(span.name == "POST /login", f"the link leads to {span.name}")

    def ours():
        of_trace = [record for record in stack.collector.records() if f"Trace ID: {trace.id}" in record]
        return [record for record in of_trace if "checkedmap.suspect.repeated" not in record]

    first, *_ = until(f"the log record of {trace.id} at the collector", ours, 10)
    for text in (f"Span ID: {root.id}", "SeverityText: WARN", "stale_check suspect on `counters`"):
        expect(text in first, f"the log record of {trace.id} has no {text!r}:\n{first}")
    expect("exception." not in first, f"the log record of {trace.id} is of an exception")
