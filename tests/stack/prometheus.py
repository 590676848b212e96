"""Prometheus and Alertmanager: scrape, evaluate the rules, send alerts; and a receiver of what is sent."""

import http.server
import json
import math
import re
import threading
import urllib.parse

from .servers import ROOT, free_ports, install
from .waiting import get_json, get_text

RULES = ROOT / "dashboards/prometheus/rules"


class Receiver:
    """Takes Alertmanager's notifications, as a pager would."""

    def __init__(self):
        self._notes = []
        notes = self._notes

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                length = int(self.headers["Content-Length"])
                notes.extend(json.loads(self.rfile.read(length))["alerts"])
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_port}/"
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def notes(self, alert, status, **labels):
        """The notifications of this alert with this status: `firing` or `resolved`."""
        wanted = {"alertname": alert} | labels
        return [
            note for note in self._notes if note["status"] == status and wanted.items() <= note["labels"].items()
        ]


class Alertmanager:
    """An Alertmanager that runs, and tells the receiver."""

    def __init__(self, servers, receiver):
        (port,) = free_ports(1)
        self.address = f"127.0.0.1:{port}"
        config = {
            "route": {
                "receiver": "stack",
                "group_by": ["..."],
                "group_wait": "1s",
                "group_interval": "1s",
                "repeat_interval": "1h",
            },
            "receivers": [{"name": "stack", "webhook_configs": [{"url": receiver.url, "send_resolved": True}]}],
        }
        path = servers.write("alertmanager.yaml", json.dumps(config, indent=2))
        storage = servers.folder / "alertmanager"
        command = [
            install("alertmanager"),
            f"--config.file={path}",
            f"--storage.path={storage}",
            f"--web.listen-address={self.address}",
            "--cluster.listen-address=",
        ]
        self.process = servers.process("alertmanager", command).start()
        self.process.ready_when(lambda: get_text(f"http://{self.address}/-/ready"))

    def firing(self, alert):
        """The alerts of this name that it holds."""
        alerts = get_json(f"http://{self.address}/api/v2/alerts?active=true")
        return [found for found in alerts if found["labels"]["alertname"] == alert]


class Prometheus:
    """A Prometheus that runs. `scrapes` are jobs: a name, an address, and whether the labels are the target's own."""

    def __init__(self, servers, alertmanager, scrapes):
        (port,) = free_ports(1)
        self.page = f"http://127.0.0.1:{port}"
        config = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [_impatient(servers, path) for path in sorted(RULES.glob("*.yaml"))],
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": [alertmanager.address]}]}]},
            "scrape_configs": [
                {"job_name": name, "honor_labels": own, "static_configs": [{"targets": [address]}]}
                for name, address, own in scrapes
            ],
        }
        path = servers.write("prometheus.yaml", json.dumps(config, indent=2))
        command = [
            install("prometheus"),
            f"--config.file={path}",
            f"--storage.tsdb.path={servers.folder / 'prometheus'}",
            f"--web.listen-address=127.0.0.1:{port}",
        ]
        self.process = servers.process("prometheus", command).start()
        self.process.ready_when(lambda: get_text(f"{self.page}/-/ready"))

    def query(self, expression):
        """The values of an expression now, without those that are no number."""
        data = self._ask("query", query=expression)
        samples = [data["result"]] if data["resultType"] == "scalar" else [each["value"] for each in data["result"]]
        return [value for _, value in samples if not math.isnan(float(value))]

    def label_values(self, label, selector):
        """The values that a label has on the selected series."""
        return self._ask(f"label/{label}/values", **{"match[]": selector})

    def rules(self):
        """Every rule that it has loaded."""
        return [rule for group in self._ask("rules")["groups"] for rule in group["rules"]]

    def _ask(self, path, **words):
        return get_json(f"{self.page}/api/v1/{path}?{urllib.parse.urlencode(words)}")["data"]


def _impatient(servers, path):
    """A copy of a file of rules whose alerts do not go on for long: how long they do is for promtool to test."""
    return str(servers.write(f"rules-{path.name}", re.sub(r"(keep_firing_for:) .*", r"\1 5s", path.read_text())))
