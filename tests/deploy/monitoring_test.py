"""Alerts and dashboard: they name only metrics and labels that a running server has, every alert is tested and explained."""

import json
import re
import unittest

import yaml

from support import TOP, Directory, Server, main, needs, run, tool

RULES = TOP / "deploy" / "prometheus" / "journeyfeed.rules.yaml"
TESTS = TOP / "deploy" / "prometheus" / "journeyfeed.rules.test.yaml"
DASHBOARD = TOP / "deploy" / "grafana" / "journeyfeed.json"
RUNBOOK = TOP / "docs" / "runbook.md"

# Metrics of others, and whose they are: Prometheus itself, kube-state-metrics, the kubelet.
FOREIGN = {"up", "kube_deployment_status_replicas_available", "kube_deployment_spec_replicas",
           "kubelet_volume_stats_available_bytes", "kubelet_volume_stats_capacity_bytes"}
# Labels that Prometheus adds.
SCRAPED = {"instance", "job", "le"}


def rules():
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def names_in(expression):
    """Of metrics. Taken out first: texts, ranges, what braces and `by (...)` hold; then words that nothing calls."""
    bare = re.sub(r'"[^"]*"|\[[^]]*\]|\{[^}]*\}|\b(by|on|without|ignoring|group_left)\s*\([^)]*\)', " ", expression)
    words = re.findall(r"\b[a-zA-Z_:][\w:]*\b(?!\s*\()", bare)
    return {word for word in words if word not in {"by", "on", "or", "and", "unless", "bool"} and not word.startswith("$")}


def labels_in(expression):
    """With the metrics that they are used with: {("journeyfeed_pool_waiting", "pool")}."""
    return {(name, label) for name, matchers in re.findall(r"([a-zA-Z_:][\w:]*)\{([^}]*)\}", expression)
            for label in re.findall(r"(\w+)\s*[=!]~?", re.sub(r'"[^"]*"', "", matchers))}


def matchers_in(expression):
    """Label values that are asked for: {("journeyfeed_pool_waiting", "pool", "write")}."""
    return {(name, label, value) for name, matchers in re.findall(r"([a-zA-Z_:][\w:]*)\{([^}]*)\}", expression)
            for label, text in re.findall(r'(\w+)\s*=~?\s*"([^"]*)"', matchers) for value in text.split("|")
            if "$" not in value and "*" not in value}


def grouped_by(expression):
    """{"pool", "le"} of `sum by (pool, le) (...)`."""
    return {label for labels in re.findall(r"\b(?:by|on)\s*\(([^)]*)\)", expression) for label in re.findall(r"\w+", labels)}


def dashboard_expressions():
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    return [(panel["title"], target["expr"]) for panel in panels for target in panel.get("targets", [])]


class Names(unittest.TestCase):
    """Against /metrics of a running server. Every series is there from the start, so it needs no database."""

    @classmethod
    def setUpClass(cls):
        with Server("--database-url", "host=/nonexistent") as server:
            page = server.metrics()
        cls.series = {}  # name -> label -> values
        for name, labels in re.findall(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? ", page, re.MULTILINE):
            known = cls.series.setdefault(name, {})
            for label, value in re.findall(r'(\w+)="([^"]*)"', labels):
                known.setdefault(label, set()).add(value)
        cls.expressions = [(rule["alert"], rule["expr"]) for rule in rules()] + dashboard_expressions()

    def test_every_metric_exists(self):
        for place, expression in self.expressions:
            self.assertTrue(names_in(expression), place)
            for name in names_in(expression) - FOREIGN:
                self.assertTrue(name in self.series, f"{place}: no metric {name}")

    def test_every_label_and_every_value_exists(self):
        for place, expression in self.expressions:
            for name, label in labels_in(expression):
                if name not in FOREIGN and label not in SCRAPED:
                    self.assertIn(label, self.series[name], f"{place}: {name}")
            for name, label, value in matchers_in(expression):
                if name not in FOREIGN and label not in SCRAPED:
                    self.assertIn(value, self.series[name][label], f"{place}: {name}")

    def test_what_sums_are_grouped_by_exists(self):
        for place, expression in self.expressions:
            known = SCRAPED.union(*(self.series.get(name, {}) for name in names_in(expression)))
            for label in grouped_by(expression):
                self.assertIn(label, known, place)

    def test_what_is_not_there_is_found_out(self):
        self.assertEqual(names_in('sum by (a) (rate(x_total{b="c|d"}[5m])) / on (e) y > 2e9 or absent(z)'), {"x_total", "y", "z"})
        self.assertEqual(labels_in('x{a="1",b!~"2"} + y{c=~"3"}'), {("x", "a"), ("x", "b"), ("y", "c")})
        self.assertEqual(grouped_by("sum by (a, b) (x) or on (c) y"), {"a", "b", "c"})
        self.assertEqual(matchers_in('x{a=~"1|2",b!="3"}'), {("x", "a", "1"), ("x", "a", "2")})


class Alerts(unittest.TestCase):
    @needs("promtool")
    def test_rules_are_well_formed(self):
        run(tool("promtool"), "check", "rules", RULES)

    @needs("promtool")
    def test_rules_fire_when_they_should_and_only_then(self):
        run(tool("promtool"), "test", "rules", TESTS)

    def test_every_alert_is_seen_firing_and_quiet(self):
        cases = [case for test in yaml.safe_load(TESTS.read_text(encoding="utf-8"))["tests"] for case in test["alert_rule_test"]]
        for rule in rules():
            outcomes = {bool(case["exp_alerts"]) for case in cases if case["alertname"] == rule["alert"]}
            self.assertEqual(outcomes, {True, False}, rule["alert"])

    def test_every_alert_has_its_paragraph(self):
        sections = dict(re.findall(r"^### (\w+)\n+(.*?)(?=^#|\Z)", RUNBOOK.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL))
        alerts = [rule["alert"] for rule in rules()]
        self.assertEqual(set(sections), set(alerts), "docs/runbook.md: a paragraph for each alert, and no other")
        self.assertEqual(len(alerts), len(set(alerts)))
        for rule in rules():
            self.assertEqual(rule["annotations"]["runbook"], f"docs/runbook.md#{rule['alert'].lower()}")
            self.assertTrue(rule["annotations"]["summary"].endswith("."))
            self.assertIn(rule["labels"]["severity"], ("page", "ticket"))
            self.assertGreater(len(sections[rule["alert"]].split()), 20, rule["alert"])


class Dashboard(unittest.TestCase):
    def test_panels_do_not_lie_on_each_other(self):
        dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
        taken = set()
        for panel in dashboard["panels"]:
            place = panel["gridPos"]
            cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
            self.assertFalse(cells & taken, panel["title"])
            self.assertLessEqual(place["x"] + place["w"], 24)
            taken |= cells
        self.assertEqual(len({panel["id"] for panel in dashboard["panels"]}), len(dashboard["panels"]))

    @needs("promtool")
    def test_every_expression_is_one(self):
        with Directory() as scratch:
            groups = [{"name": "dashboard", "rules": [{"record": f"panel:{number}", "expr": expression.replace("$__rate_interval", "5m")}
                                                      for number, (_, expression) in enumerate(dashboard_expressions())]}]
            file = scratch + "/dashboard.yaml"
            with open(file, "w", encoding="utf-8") as out:
                yaml.safe_dump({"groups": groups}, out)
            run(tool("promtool"), "check", "rules", file)


if __name__ == "__main__":
    main()
