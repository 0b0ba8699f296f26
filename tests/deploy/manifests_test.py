"""The manifests as kubectl renders them, held against each other and against the server's own --print-config."""

import functools
import pathlib
import unittest

import yaml

from support import TOP, Directory, Postgres, Server, main, needs, run, seconds, settings, sql, tool

KUBERNETES = TOP / "deploy" / "kubernetes"
OVERLAYS = sorted(path.name for path in (KUBERNETES / "overlays").iterdir())
# What a replica holds beside the pools that are settings: feed readers, the supervisor, owner's connections while it maintains.
OTHER_CONNECTIONS = 6
# Of each replica, and of all: storage/postgres/write/lock_budget.cc refuses a table that is smaller than five fourths of that.
REPLICA_LOCKS, SWEEPER_LOCKS = 1065, 512


def port(address):
    return int(address.rpartition(":")[2])


class Rendered:
    """The objects of an overlay, by kind and name."""

    def __init__(self, overlay):
        text = run(tool("kubectl"), "kustomize", KUBERNETES / "overlays" / overlay).stdout
        self.objects = [part for part in yaml.safe_load_all(text) if part]

    def all(self, kind):
        return [part for part in self.objects if part["kind"] == kind]

    def one(self, kind, name="journeyfeed"):
        found = [part for part in self.all(kind) if part["metadata"]["name"] == name]
        assert len(found) == 1, f"{kind} {name}: {len(found)}"
        return found[0]

    @property
    def pod(self):
        return self.one("Deployment")["spec"]["template"]["spec"]

    @property
    def container(self):
        (container,) = self.pod["containers"]
        return container

    @property
    def environment(self):
        """Variables with a value of their own, as the container gets them."""
        (source,) = self.container["envFrom"]
        values = dict(self.one("ConfigMap", source["configMapRef"]["name"])["data"])
        values.update({entry["name"]: entry["value"] for entry in self.container.get("env", []) if "value" in entry})
        return values

    @property
    def settings(self):
        ours = {name: value for name, value in self.environment.items() if name.startswith("JOURNEYFEED_")}
        return settings(variables={**ours, "JOURNEYFEED_DATABASE_URL": "postgresql://somewhere/journeyfeed"})


def of_each_overlay(test):
    @functools.wraps(test)
    def repeated(self):
        for overlay, rendered in self.rendered.items():
            with self.subTest(overlay=overlay):
                test(self, rendered)
    return repeated


@needs("kubectl")
class Manifests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rendered = {overlay: Rendered(overlay) for overlay in OVERLAYS}

    @of_each_overlay
    def test_every_overlay_has_every_object_in_one_namespace(self, rendered):
        kinds = {part["kind"] for part in rendered.objects}
        self.assertLessEqual({"Deployment", "Service", "ServiceAccount", "ConfigMap", "PodDisruptionBudget", "NetworkPolicy",
                              "HorizontalPodAutoscaler", "ServiceMonitor", "PrometheusRule"}, kinds)
        self.assertEqual({part["metadata"].get("namespace") for part in rendered.objects}, {"journeyfeed"})
        names = [(part["kind"], part["metadata"]["name"]) for part in rendered.objects]
        self.assertEqual(len(names), len(set(names)))

    @of_each_overlay
    def test_the_server_accepts_every_setting(self, rendered):
        effective = rendered.settings  # an unknown variable or a bad value would have been refused
        for name, value in rendered.environment.items():
            if name.startswith("JOURNEYFEED_"):
                self.assertEqual(effective[name.removeprefix("JOURNEYFEED_").lower().replace("_", "-")], value)

    def test_the_server_refuses_what_it_does_not_know(self):
        """The check above would be worth nothing otherwise."""
        self.assertRaises(AssertionError, settings, variables={"JOURNEYFEED_DRAIN_GRACES": "30s"})

    @of_each_overlay
    def test_the_url_of_the_database_is_a_secret(self, rendered):
        (url,) = [e for e in rendered.container["env"] if e["name"] == "JOURNEYFEED_DATABASE_URL"]
        self.assertEqual(set(url["valueFrom"]), {"secretKeyRef"})
        self.assertEqual(rendered.all("Secret"), [])
        self.assertNotIn("JOURNEYFEED_DATABASE_URL", rendered.environment)

    @of_each_overlay
    def test_ports_agree(self, rendered):
        listening = {"grpc": port(rendered.settings["address"]), "metrics": port(rendered.settings["metrics-address"])}
        self.assertEqual({p["name"]: p["containerPort"] for p in rendered.container["ports"]}, listening)
        for address in (rendered.settings["address"], rendered.settings["metrics-address"]):
            self.assertTrue(address.startswith("0.0.0.0:"), "other pods reach it")
        for probe in ("readinessProbe", "livenessProbe"):
            self.assertEqual(rendered.container[probe]["grpc"]["port"], listening["grpc"])
        for service, name in (("journeyfeed", "grpc"), ("journeyfeed-metrics", "metrics")):
            (served,) = rendered.one("Service", service)["spec"]["ports"]
            self.assertEqual((served["targetPort"], served["port"]), (name, listening[name]))
        allowed = {p["port"] for rule in rendered.one("NetworkPolicy")["spec"]["ingress"] for p in rule["ports"]}
        self.assertEqual(allowed, set(listening.values()))

    @of_each_overlay
    def test_grace_fits_the_drain(self, rendered):
        lame_duck = seconds(rendered.settings["drain-lame-duck"])
        drain = lame_duck + seconds(rendered.settings["drain-grace"])
        self.assertGreaterEqual(rendered.pod["terminationGracePeriodSeconds"], drain + 5)
        readiness = rendered.container["readinessProbe"]
        seen_after = readiness["periodSeconds"] * readiness["failureThreshold"] + readiness["timeoutSeconds"]
        self.assertGreaterEqual(lame_duck, seen_after, "not ready is seen while calls are still taken")

    @of_each_overlay
    def test_selectors_find_the_pods(self, rendered):
        deployment = rendered.one("Deployment")["spec"]
        labels = deployment["template"]["metadata"]["labels"].items()
        spread = [c["labelSelector"]["matchLabels"] for c in rendered.pod["topologySpreadConstraints"]]
        services = [rendered.one("Service", name)["spec"]["selector"] for name in ("journeyfeed", "journeyfeed-metrics")]
        others = [rendered.one(kind)["spec"][key]["matchLabels"]
                  for kind, key in (("PodDisruptionBudget", "selector"), ("NetworkPolicy", "podSelector"))]
        for selector in [deployment["selector"]["matchLabels"], *spread, *services, *others]:
            self.assertLessEqual(selector.items(), labels)
        self.assertEqual(rendered.one("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"],
                         {"apiVersion": "apps/v1", "kind": "Deployment", "name": "journeyfeed"})

    @of_each_overlay
    def test_the_monitor_finds_the_metrics_service_only(self, rendered):
        monitor = rendered.one("ServiceMonitor")["spec"]
        wanted = monitor["selector"]["matchLabels"].items()
        found = [s["metadata"]["name"] for s in rendered.all("Service") if wanted <= s["metadata"]["labels"].items()]
        self.assertEqual(found, ["journeyfeed-metrics"])
        service = rendered.one("Service", "journeyfeed-metrics")
        self.assertIn(monitor["endpoints"][0]["port"], [p["name"] for p in service["spec"]["ports"]])
        self.assertEqual(service["metadata"]["labels"][monitor["jobLabel"]], "journeyfeed", "what the rules call the job")

    @of_each_overlay
    def test_clients_balance_over_ready_replicas(self, rendered):
        service = rendered.one("Service")["spec"]
        self.assertEqual(service["clusterIP"], "None")
        self.assertFalse(service.get("publishNotReadyAddresses", False))

    @of_each_overlay
    def test_the_container_has_no_rights(self, rendered):
        pod, container = rendered.pod["securityContext"], rendered.container["securityContext"]
        self.assertTrue(pod["runAsNonRoot"] and pod["runAsUser"] > 0)
        self.assertEqual(pod["seccompProfile"], {"type": "RuntimeDefault"})
        self.assertEqual(container, {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                                     "capabilities": {"drop": ["ALL"]}})
        self.assertFalse(rendered.pod["automountServiceAccountToken"])
        self.assertEqual({"memory"}, set(rendered.container["resources"]["limits"]))
        self.assertEqual({"cpu", "memory"}, set(rendered.container["resources"]["requests"]))

    @of_each_overlay
    def test_rollouts_and_disruptions_leave_replicas(self, rendered):
        deployment = rendered.one("Deployment")["spec"]
        self.assertEqual(deployment["strategy"]["rollingUpdate"]["maxUnavailable"], 0)
        self.assertNotIn("replicas", deployment, "the autoscaler's")
        least = rendered.one("HorizontalPodAutoscaler")["spec"]["minReplicas"]
        self.assertGreater(least, rendered.one("PodDisruptionBudget")["spec"]["maxUnavailable"] + 1)

    @of_each_overlay
    def test_alerts_are_those_of_the_rules_file(self, rendered):
        rules = yaml.safe_load((TOP / "deploy" / "prometheus" / "journeyfeed.rules.yaml").read_text(encoding="utf-8"))
        self.assertEqual(rendered.one("PrometheusRule")["spec"], rules,
                         "deploy/prometheus/make-prometheusrule writes it anew")


@needs("kubectl")
class CloudNativePg(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rendered = Rendered("cloudnativepg")
        cls.cluster = cls.rendered.one("Cluster", "journeyfeed-db")["spec"]
        cls.parameters = cls.cluster["postgresql"]["parameters"]

    def most_replicas(self):
        surge = self.rendered.one("Deployment")["spec"]["strategy"]["rollingUpdate"]["maxSurge"]
        return self.rendered.one("HorizontalPodAutoscaler")["spec"]["maxReplicas"] + surge

    def test_parameters_are_what_the_server_asks_for(self):
        locks = int(self.parameters["max_locks_per_transaction"]) * int(self.parameters["max_connections"])
        replicas = int(self.rendered.settings["expected-replicas"])
        self.assertEqual(replicas, self.most_replicas())
        self.assertGreaterEqual(locks * 4, (replicas * REPLICA_LOCKS + SWEEPER_LOCKS) * 5)
        initdb = self.cluster["bootstrap"]["initdb"]
        self.assertEqual((initdb["encoding"], initdb["localeCollate"], initdb["localeCType"]), ("UTF8", "C", "C.UTF-8"))
        self.assertTrue(all(isinstance(value, str) for value in self.parameters.values()), "the definition has strings only")

    def test_connections_of_all_replicas_fit(self):
        config = self.rendered.settings
        pools = sum(int(value) for name, value in config.items() if name.endswith("-connections"))
        replicas = self.most_replicas()
        reserved = 20  # of PostgreSQL, the operator and its exporter
        self.assertLessEqual(replicas * (pools + OTHER_CONNECTIONS) + reserved, int(self.parameters["max_connections"]))

    def test_a_standby_is_synchronous(self):
        self.assertEqual(self.cluster["postgresql"]["synchronous"], {"method": "any", "number": 1, "dataDurability": "required"})
        self.assertGreaterEqual(self.cluster["instances"], 3, "one may be away without writes waiting")

    def test_the_service_uses_the_secrets_of_the_operator(self):
        (url,) = [e for e in self.rendered.container["env"] if e["name"] == "JOURNEYFEED_DATABASE_URL"]
        self.assertEqual(url["valueFrom"]["secretKeyRef"], {"name": "journeyfeed-db-app", "key": "uri"})
        (volume,) = self.rendered.pod["volumes"]
        self.assertEqual(volume["secret"]["secretName"], "journeyfeed-db-ca")
        (mount,) = self.rendered.container["volumeMounts"]
        self.assertEqual(mount["name"], volume["name"])
        self.assertEqual(self.rendered.environment["PGSSLROOTCERT"], mount["mountPath"] + "/" + volume["secret"]["items"][0]["path"])
        self.assertEqual(self.rendered.environment["PGSSLMODE"], "verify-full")

    def test_the_owner_that_the_operator_makes_is_enough(self):
        """postInitSQL on a real PostgreSQL, whose owner is no superuser; then the server on it."""
        bootstrap = self.cluster["bootstrap"]["initdb"]
        owner = bootstrap["owner"]
        with Directory() as scratch, Postgres(pathlib.Path(scratch)) as postgres:
            for statement in [f"create role {owner} login", *bootstrap["postInitSQL"],
                              f"create database {bootstrap['database']} owner {owner}"]:
                sql(postgres.conninfo(), statement)
            with Server("--database-url", postgres.conninfo(bootstrap["database"], owner)) as server:
                server.ctl("create", "session", "--set", "msdynmkt_name=n", "--set", "msdynmkt_journeyrunid=1", "--set",
                           "msdynmkt_session=s")
                self.assertNotIn("no role journeyfeed_service", server.log())
                held = int(sql(postgres.conninfo(), f"select count(*) from pg_stat_activity where usename = '{owner}'"))
                pools = sum(int(value) for name, value in settings().items() if name.endswith("-connections"))
                self.assertGreater(held, 0)
                self.assertLessEqual(held, pools + OTHER_CONNECTIONS)


if __name__ == "__main__":
    main()
