"""OTLP over HTTP and gRPC, each plain and with TLS."""

from ..programs import Mortal
from ..waiting import expect

_CONFLICTS = 3


def run(stack):
    """What is sent by each protocol is in Jaeger, and a certificate that nobody vouches for is refused."""
    collector = stack.collector
    authority = {"OTEL_EXPORTER_OTLP_CERTIFICATE": str(stack.authority.certificate)}
    ways = {
        "http": ("http/protobuf", collector.http, {}),
        "grpc": ("grpc", collector.grpc, {}),
        "https": ("http/protobuf", collector.tls_http, authority),
        "grpc-tls": ("grpc", collector.tls_grpc, authority),
    }
    for name, (protocol, endpoint, variables) in ways.items():
        _send(stack, f"protocol-{name}", endpoint, OTEL_EXPORTER_OTLP_PROTOCOL=protocol, **variables)
        stack.jaeger.wait_for_conflicts(f"protocol-{name}", _CONFLICTS)
    for name in ("https", "grpc-tls"):
        protocol, endpoint, _ = ways[name]
        service = f"stranger-{name}"
        output = _send(stack, service, endpoint, OTEL_EXPORTER_OTLP_PROTOCOL=protocol, CHECKEDMAP_FLUSH_MS="1000")
        expect("sent 0" in output, f"a collector without a known authority was trusted: {output}")
        expect(not stack.jaeger.conflicts(service), "a collector without a known authority was trusted")
    return f"{_CONFLICTS} conflicts each by {', '.join(ways)}; an unknown authority is refused"


def _send(stack, service, endpoint, **variables):
    program = Mortal(stack.servers, "return", _CONFLICTS, service, endpoint, **variables)
    expect(program.finish() == 0, f"{service} failed")
    return program.process.output()
