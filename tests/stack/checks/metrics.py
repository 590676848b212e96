"""A long run of the staging example, as Prometheus, the rules, Alertmanager and the dashboards' queries see it.

It takes as long as the storm's rule does, so it goes on beside the other checks, which wait for it at their end.
"""

import re
import threading

from .. import dashboards
from ..programs import Staging
from ..prometheus import RULES, Alertmanager, Prometheus, Receiver
from ..servers import free_ports
from ..waiting import Failed, expect, until

_SERVICE = "staging-metrics"

# The same program, scraped without a collector in between.
_SCRAPED = "staging-scraped"

# The janitor stops at 60 % of it. Until then there are enough conflicts for a storm of a minute.
_SECONDS = 60

_STORM = "CheckedMapConflictStorm"


class Metrics:
    """The servers and the program of this check."""

    def __init__(self, stack):
        self.receiver = Receiver()
        self.alertmanager = Alertmanager(stack.servers, self.receiver)
        (port,) = free_ports(1)
        address = f"127.0.0.1:{port}"
        scrapes = [(_SCRAPED, address, False)]
        self.services = [_SCRAPED]
        endpoint = ""
        if stack.collector:
            # The collector says whose metrics they are by labels of its own.
            scrapes.append(("collector", stack.collector.metrics, True))
            self.services.append(_SERVICE)
            endpoint = stack.collector.http
        self.prometheus = Prometheus(stack.servers, self.alertmanager, scrapes)
        self.staging = Staging(
            stack.servers,
            _SERVICE,
            _SECONDS,
            endpoint,
            options=["--prometheus", address],
            OTEL_METRIC_EXPORT_INTERVAL="1000",
            CHECKEDMAP_REPORT="off",
            # The dashboards' panels of suspects, of shared maps and of the hunt have something to show. What is hunted is a map
            # that a lock keeps in order, and little of the time is given to it: the storm is to stay one.
            CHECKEDMAP_STALE="1",
            CHECKEDMAP_NEAR_MISSES="1",
            CHECKEDMAP_HUNT="budget=0.02,maps=counters",
        )


class Beside(threading.Thread):
    """The check on a thread of its own, which ends with the process."""

    def __init__(self, stack):
        super().__init__(daemon=True)
        self._stack = stack
        self._metrics = Metrics(stack)
        self._result = None
        self._error = None

    def run(self):
        try:
            self._result = _check(self._stack, self._metrics)
        except Exception as error:  # Raised again where it is waited for.
            self._error = error

    def result(self):
        """Waits for it."""
        self.join()
        if self._error:
            raise self._error
        return self._result


def begin(stack):
    """Starts it."""
    expect(list(RULES.glob("*.yaml")), f"there are no rules in {RULES}")
    beside = Beside(stack)
    beside.start()
    return beside


def run(_stack, beside):
    """Rules and dashboards have data, whichever way the metrics come, and the storm's alert fires and resolves."""
    return beside.result()


def _check(stack, metrics):
    # While the program lives: Prometheus forgets at once what it can scrape no more.
    rules = _check_rules(metrics)
    answered = _check_dashboards(stack, metrics)
    fired = {}
    for service in metrics.services:
        until(f"{_STORM} of {service}", lambda: metrics.receiver.notes(_STORM, "firing", job=service), 150)
        fired[service] = metrics.alertmanager.firing(_STORM)
    expect(all(fired.values()), "Alertmanager sent what it does not hold")
    summary = metrics.staging.finish()
    for service in fired:
        until(f"the end of {_STORM} of {service}", lambda: metrics.receiver.notes(_STORM, "resolved", job=service), 150)
    until(f"Alertmanager to forget {_STORM}", lambda: not metrics.alertmanager.firing(_STORM), 30)
    return (
        f"{answered} queries answered, {rules} rules well, the storm of {summary.books['detected']} conflicts fired and resolved, "
        f"for {' and '.join(metrics.services)}"
    )


def _check_rules(metrics):
    """Every rule is evaluated without an error, and each recorded one has data of each way."""
    prometheus = metrics.prometheus

    def evaluated():
        rules = prometheus.rules()
        return rules if all(rule["health"] != "unknown" for rule in rules) else None

    rules = until("the rules to be evaluated", evaluated, 30)
    for rule in rules:
        expect(rule["health"] == "ok", f"the rule {rule['name']} is {rule['health']}: {rule.get('lastError')}")
    for service in metrics.services:
        for rule in rules:
            if rule["type"] == "recording":
                query = f'{rule["name"]}{{job="{service}"}}'
                until(f"data of {query}", lambda: prometheus.query(query), 30)
    return len(rules)


def _check_dashboards(stack, metrics):
    """Every query of every dashboard has an answer, save for those that ask a Jaeger which is not there."""
    prometheus = metrics.prometheus
    trace = stack.jaeger.wait_for_conflicts(_SERVICE, 1)[0].id if stack.jaeger else ""
    answered = 0
    for service in metrics.services:
        values = {"service": service, "trace": trace, "__range": "5m", "__rate_interval": "1m", "__interval": "15s"}
        # Conflicts are on one map, suspects on the other.
        asked = [query for query in dashboards.queries(map="sessions", **values) if "suspect" not in repr(query.target)]
        asked += [query for query in dashboards.queries(map="counters", **values) if "suspect" in repr(query.target)]
        waiting = [query for query in asked if stack.jaeger or query.source != "jaeger"]
        answered += len(waiting)
        expect(waiting, "there is no dashboard")

        def rest(service=service):
            nonlocal waiting
            waiting = [query for query in waiting if not _answer(stack.jaeger, prometheus, query, service)]
            return not waiting

        # Some look at whole minutes, so that it takes one until they see the first conflict.
        try:
            until("the dashboards", rest, 80)
        except Failed as reason:
            raise Failed(f"{reason}; without an answer:\n" + "\n".join(map(repr, waiting))) from None
    return answered


def _answer(jaeger, prometheus, query, service):
    target = query.target
    if query.source == "jaeger":
        # Jaeger knows the program by the one name it has there.
        return _ask_jaeger(jaeger, target | {"service": _SERVICE} if service == _SCRAPED else target)
    if query.source != "prometheus":
        raise Failed(f"{query} asks {query.source}")
    text = target if isinstance(target, str) else target.get("expr") or target["query"]
    values = re.fullmatch(r"label_values\((.*), *(\w+)\)", text)
    if values:
        return prometheus.label_values(values.group(2), values.group(1))
    return prometheus.query(text)


def _ask_jaeger(jaeger, target):
    if target.get("queryType") != "search":
        return jaeger.trace(target["query"])
    tags = dict(re.findall(r'([\w.]+)="([^"]*)"', target.get("tags", "")))
    return jaeger.search(target["service"], target["operation"], **tags)
