"""Grafana's dashboards: the queries in them, with values for their variables."""

import json
import re

from .servers import ROOT

_FOLDER = ROOT / "dashboards/grafana/dashboards"


class Query:
    """One query of a panel or a variable."""

    def __init__(self, place, source, target):
        self.place = place
        self.source = source
        self.target = target

    def __repr__(self):
        return f"{self.place}: {self.target}"


def queries(**variables):
    """Every query of every dashboard."""
    found = []
    for path in sorted(_FOLDER.glob("**/*.json")):
        dashboard = json.loads(path.read_text())
        for variable in dashboard["templating"]["list"]:
            if variable["type"] == "query":
                target = _filled(variable["query"], variables)
                found.append(Query(f"{path.name}, variable {variable['name']}", _source(variable), target))
        for panel in _panels(dashboard["panels"]):
            for target in panel.get("targets", []):
                place = f"{path.name}, panel {panel['title']}"
                found.append(Query(place, _source(target) or _source(panel), _filled(target, variables)))
    return found


def _panels(panels):
    for panel in panels:
        yield panel
        yield from _panels(panel.get("panels", []))


def _source(owner):
    return (owner.get("datasource") or {}).get("type")


def _filled(target, variables):
    """The same with `$name` and `${name}` replaced, the longest names first."""
    if isinstance(target, dict):
        return {key: _filled(value, variables) for key, value in target.items()}
    if isinstance(target, list):
        return [_filled(value, variables) for value in target]
    if isinstance(target, str):
        for name in sorted(variables, key=len, reverse=True):
            target = re.sub(rf"\$\{{{name}(:\w+)?\}}|\${name}\b", lambda _, name=name: variables[name], target)
    return target
