"""A conflict of the staging example, as Jaeger and the collector have it."""

from ..programs import Staging
from ..waiting import expect, only, until

_SERVICE = "staging-trace"

# The trace is made by the first report; a short run has it.
_SECONDS = 3


def run(stack):
    """Each report of a run is a trace with both sides, and leads to the requests it interrupted."""
    staging = Staging(stack.servers, _SERVICE, _SECONDS, stack.collector.http)
    summary = staging.finish()
    roots = stack.jaeger.wait_for_conflicts(_SERVICE, summary.books["delivered"])
    expect(
        sorted(trace.id for trace in roots) == sorted(summary.traces),
        f"Jaeger has {sorted(trace.id for trace in roots)}, the program says {sorted(summary.traces)}",
    )
    expect(summary.accounts["sent"] == summary.accounts["taken"], f"not all was sent: {summary.accounts}")
    waits = 0
    for trace in roots:
        contender = _check(stack, trace)
        waits += len(trace.children(contender))
        _check_record(stack.collector, trace)
    expect(waits == len(roots), f"{waits} of {len(roots)} conflicts show how long the contender waited")
    return f"{len(roots)} traces, each with both stacks, two requests, the wait and a log record; {summary.served} requests"


def _check(stack, trace):
    root = only(trace.named("checkedmap.conflict"), f"roots of {trace.id}")
    sides = {span.tags.get("checkedmap.role"): span for span in trace.children(root)}
    expect(set(sides) == {"holder", "contender"}, f"{trace.id} has the sides {sorted(map(str, sides))}")
    holder, contender = sides["holder"], sides["contender"]

    for span in (root, holder, contender):
        expect(span.tags.get("otel.status_code") == "ERROR" and span.tags.get("error") is True, f"{span.name} is no error")
        expect(span.tags.get("checkedmap.map.name") == "sessions", f"{span.name} names no map")
        expect(span.begin < span.end, f"{span.name} is too short to be seen")
    expect(root.tags.get("checkedmap.mode") == "log", "the root has no mode")
    expect(root.tags.get("checkedmap.kind") == "iterate_write", "the root has no kind")

    # Mostly a handler meets the sweep; now and then it is the other way round.
    sweep = only([side for side in (holder, contender) if side.name == "checkedmap.retain"], "sides that sweep")
    handler = contender if sweep is holder else holder
    expect(handler.name in ("checkedmap.insert", "checkedmap.get"), f"the handler's side is {handler.name}")
    _names(sweep, "staging::janitor::sweep", "examples/staging/janitor.rs")
    _names(handler, "staging::service::", "examples/staging/sessions.rs")

    overlap = min(holder.end, contender.end) - max(holder.begin, contender.begin)
    expect(overlap >= 1, f"the sides' spans do not overlap: {overlap} us")
    expect(holder.tags.get("checkedmap.start.estimated") is True, "the holder's start is not marked as estimated")
    expect("checkedmap.start.estimated" not in contender.tags, "the contender's start is known")
    expect(root.begin <= min(holder.begin, contender.begin) and root.end >= max(holder.end, contender.end), "the root is short")
    detected = root.number("checkedmap.detected_ns")
    expect(detected // 1000 == contender.begin, f"detected at {detected} ns, and the contender begins at {contender.begin} us")
    left = root.number("checkedmap.holder_left_ns")
    # Jaeger cuts the start and the length, so their sum may be a microsecond short.
    expect(left // 1000 - holder.end in (0, 1), f"the holder left at {left} ns, and ends at {holder.end} us")

    _check_wait(trace, root, contender)
    _check_links(stack.jaeger, root, sweep, handler)
    return contender


def _names(side, function, file):
    stack = side.tags.get("code.stacktrace", "")
    expect(function in stack and file in stack, f"the stack of {side.name} does not name {function} and {file}:\n{stack}")


def _check_wait(trace, root, contender):
    wait = only(trace.children(contender), f"waits of the contender of {trace.id}")
    expect(wait.name == "checkedmap.wait", f"below the contender is {wait.name}")
    waited = wait.number("checkedmap.waited_ns")
    expect(waited == root.number("checkedmap.waited_ns") > 0, f"waited {waited} ns")
    expect(abs((wait.end - wait.begin) - waited // 1000) <= 1, f"a span of {wait.end - wait.begin} us for {waited} ns")


def _check_links(jaeger, root, sweep, handler):
    """Both requests are in Jaeger: the janitor's sweep and a client's call."""
    expect(len(root.links) == 2, f"the root has {len(root.links)} links")
    expect(sorted(root.links) == sorted(sweep.links + handler.links), "the root links to what its sides link to")
    for side, names in ((sweep, ["sweep"]), (handler, ["POST /login", "GET /session/{id}"])):
        link = only(side.links, f"links of {side.name}")
        said = (side.tags["checkedmap.request.trace_id"], side.tags["checkedmap.request.span_id"])
        expect(link == said, f"the {side.tags['checkedmap.role']} links to {link} and says {said}")
        request = until(f"the request {link[0]} in Jaeger", lambda link=link: jaeger.trace(link[0]), 20)
        span = only([span for span in request.spans if span.id == link[1]], f"spans of the request {link[0]}")
        expect(span.name in names, f"the link leads to {span.name}")
        expect(span.begin <= side.end and span.end >= side.begin, f"{span.name} was not at work when it was interrupted")
        if side is handler:
            tenant = side.tags.get("checkedmap.baggage.tenant", "")
            expect(tenant.startswith("tenant-"), f"the handler's side has no tenant: {tenant!r}")
            expect(span.tags.get("tenant") == tenant, "the request's tenant is another")
            expect(span.parents and len(request.spans) == 2, "the client's span and the service's make one trace")


def _check_record(collector, trace):
    root = only(trace.named("checkedmap.conflict"), f"roots of {trace.id}")

    def ours():
        of_trace = [record for record in collector.records() if f"Trace ID: {trace.id}" in record]
        return [record for record in of_trace if "checkedmap.repeated" not in record]

    first, *_ = until(f"the log record of {trace.id} at the collector", ours, 10)
    for text in (f"Span ID: {root.id}", "SeverityText: ERROR", "exception.stacktrace", "conflict on `sessions`"):
        expect(text in first, f"the log record of {trace.id} has no {text!r}:\n{first}")
