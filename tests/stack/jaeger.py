"""Jaeger: keeps traces in memory and answers queries."""

import json
import urllib.parse

from .servers import UNTRACED, free_ports, install
from .waiting import get_json, until

# What a search may return; more than any run here makes.
_LIMIT = 2000


class Jaeger:
    """A Jaeger that runs."""

    def __init__(self, servers):
        grpc, query_http, query_grpc = free_ports(3)
        self.otlp = f"127.0.0.1:{grpc}"
        self.page = f"http://127.0.0.1:{query_http}"
        config = {
            "extensions": {
                "jaeger_storage": {"backends": {"memory": {"memory": {"max_traces": 100_000}}}},
                "jaeger_query": {
                    "storage": {"traces": "memory"},
                    "http": {"endpoint": f"127.0.0.1:{query_http}"},
                    "grpc": {"endpoint": f"127.0.0.1:{query_grpc}"},
                },
            },
            "receivers": {"otlp": {"protocols": {"grpc": {"endpoint": self.otlp}}}},
            "exporters": {"jaeger_storage_exporter": {"trace_storage": "memory"}},
            "service": {
                "extensions": ["jaeger_storage", "jaeger_query"],
                "telemetry": {"metrics": {"level": "none"}},
                "pipelines": {"traces": {"receivers": ["otlp"], "exporters": ["jaeger_storage_exporter"]}},
            },
        }
        path = servers.write("jaeger.yaml", json.dumps(config, indent=2))
        self.process = servers.process("jaeger", [install("jaeger"), "--config", path], UNTRACED).start()
        self.process.ready_when(lambda: "data" in get_json(f"{self.page}/api/services"))

    def trace(self, trace_id):
        """One trace, or None."""
        traces = self._ask(f"/api/traces/{trace_id}")
        return Trace(traces[0]) if traces else None

    def search(self, service, operation, **tags):
        """The traces of a service that have such a span."""
        words = {"service": service, "operation": operation, "limit": _LIMIT, "lookback": "1h"}
        if tags:
            words["tags"] = json.dumps(tags)
        return [Trace(trace) for trace in self._ask(f"/api/traces?{urllib.parse.urlencode(words)}")]

    def conflicts(self, service):
        """The conflicts of a service."""
        return self.search(service, "checkedmap.conflict")

    def wait_for_suspects(self, service, count, seconds=30):
        """Waits until there are so many suspects."""

        def enough():
            found = self.search(service, "checkedmap.suspect")
            return found if len(found) >= count else None

        return until(f"{count} suspects of {service} in Jaeger", enough, seconds)

    def wait_for_conflicts(self, service, count, seconds=30):
        """Waits until there are so many; a span is found about a second after it was sent."""

        def enough():
            found = self.conflicts(service)
            return found if len(found) >= count else None

        return until(f"{count} conflicts of {service} in Jaeger", enough, seconds)

    def _ask(self, path):
        try:
            return get_json(self.page + path).get("data") or []
        except OSError as error:
            if getattr(error, "code", None) == 404:
                return []
            raise


class Trace:
    """A trace as Jaeger tells it."""

    def __init__(self, data):
        self.id = data["traceID"]
        self.spans = [Span(span) for span in data["spans"]]

    def named(self, name):
        """The spans of this name."""
        return [span for span in self.spans if span.name == name]

    def children(self, parent):
        return [span for span in self.spans if parent.id in span.parents]


class Span:
    """A span as Jaeger tells it: times in microseconds, attributes as tags."""

    def __init__(self, data):
        self.id = data["spanID"]
        self.name = data["operationName"]
        self.begin = data["startTime"]
        self.end = self.begin + data["duration"]
        self.tags = {tag["key"]: tag["value"] for tag in data["tags"]}
        references = data["references"]
        own = data["traceID"]
        self.parents = [ref["spanID"] for ref in references if ref["refType"] == "CHILD_OF" and ref["traceID"] == own]
        self.links = [(ref["traceID"], ref["spanID"]) for ref in references if ref["traceID"] != own]

    def number(self, name):
        """An attribute that is a number. One that JavaScript would round comes as text."""
        return int(self.tags[name])
