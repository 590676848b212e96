"""The OpenTelemetry Collector: takes OTLP, hands spans to Jaeger, metrics to Prometheus, log records to its own output."""

import json
import pathlib
import socket
import subprocess

from .servers import ROOT, UNTRACED, free_ports, install
from .waiting import Failed

_SHIPPED = ROOT / "dashboards/collector/collector.yaml"


class Authority:
    """A certificate authority for one run, and a certificate of 127.0.0.1."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.certificate = self.folder / "authority.pem"
        self.server_key = self.folder / "server.key"
        self.server_certificate = self.folder / "server.pem"
        key = self.folder / "authority.key"
        request = self.folder / "server.csr"
        names = self.folder / "server.ext"
        names.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\nbasicConstraints=CA:FALSE\n")
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        self._openssl("req", "-x509", *curve, "-days", "2", "-subj", "/CN=stack", "-keyout", key, "-out", self.certificate)
        self._openssl("req", *curve, "-subj", "/CN=127.0.0.1", "-keyout", self.server_key, "-out", request)
        self._openssl(
            "x509", "-req", "-days", "2", "-in", request, "-CA", self.certificate, "-CAkey", key, "-CAcreateserial",
            "-extfile", names, "-out", self.server_certificate,
        )

    @staticmethod
    def _openssl(*words):
        command = ["openssl", *map(str, words)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            raise Failed("openssl is not on PATH; it makes the certificates for TLS") from None
        if done.returncode != 0:
            raise Failed(f"{' '.join(command)}: {done.stderr}")


class Collector:
    """A collector, which may be killed and started again at the same ports."""

    def __init__(self, servers, jaeger, authority):
        http, grpc, tls_http, tls_grpc, metrics = free_ports(5)
        self.http = f"http://127.0.0.1:{http}"
        self.grpc = f"http://127.0.0.1:{grpc}"
        self.tls_http = f"https://127.0.0.1:{tls_http}"
        self.tls_grpc = f"https://127.0.0.1:{tls_grpc}"
        self.metrics = f"127.0.0.1:{metrics}"
        self._port = http
        # The shipped configuration, and what only a test has: a certificate, and all of the output.
        receivers = ["otlp", "otlp/tls"]
        more = {
            "receivers": {"otlp/tls": _with_tls(authority, tls_http, tls_grpc)},
            "exporters": {"debug": {"sampling_initial": 1_000_000}},
            "service": {"pipelines": {signal: {"receivers": receivers} for signal in ("traces", "metrics", "logs")}},
        }
        path = servers.write(f"collector-{http}.yaml", json.dumps(more, indent=2))
        addresses = {
            "CHECKEDMAP_LISTEN": "127.0.0.1",
            "CHECKEDMAP_HTTP_PORT": str(http),
            "CHECKEDMAP_GRPC_PORT": str(grpc),
            "CHECKEDMAP_METRICS_PORT": str(metrics),
            "CHECKEDMAP_JAEGER": jaeger.otlp,
        }
        command = [install("jaeger"), "--config", _SHIPPED, "--config", path]
        self.process = servers.process("collector", command, UNTRACED | addresses)

    def start(self):
        self.process.start().ready_when(self._listens)
        return self

    def kill(self):
        self.process.kill()

    def records(self):
        """The log records it took, each as the text of its output."""
        return self.process.output().split("LogRecord #")[1:]

    def _listens(self):
        with socket.create_connection(("127.0.0.1", self._port), timeout=1):
            return True


def _with_tls(authority, http, grpc):
    tls = {"cert_file": str(authority.server_certificate), "key_file": str(authority.server_key)}
    ports = {"http": http, "grpc": grpc}
    return {"protocols": {name: {"endpoint": f"127.0.0.1:{port}", "tls": tls} for name, port in ports.items()}}
