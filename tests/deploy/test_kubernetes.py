"""The manifests of Kubernetes, from kustomize and from the Helm chart: valid, whole, about a program that there is, and the same."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator, Mapping
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from collector.config import Config
from collector.folder import checked_url
from collector.service import READINESS
from deploy.helm.render import CHART, KUBERNETES, OVERLAYS, RENDERED, charted, header, kustomized
from deploy.helm.schema import SCHEMA, rendered
from tests.deploy.test_files import DEPLOY, PORTS, SERVE, VARIABLES, loaded

KUBERNETES_VERSIONS = ("1.30", "1.34")
"""The manifests hold for these and those between."""
UNITS = {"m": Decimal("0.001"), "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
Object = Mapping[str, Any]
Objects = list[Any]


def read(name: str) -> Objects:
    return list(yaml.safe_load_all((RENDERED / f"{name}.yaml").read_text(encoding="utf-8")))


ALL = {f"{tool}-{name}": read(f"{tool}-{name}") for tool in ("helm", "kustomize") for name in OVERLAYS}
objects = pytest.mark.parametrize("made", ALL.values(), ids=ALL.keys())


def of(made: Objects, kind: str) -> Iterator[Object]:
    return (one for one in made if one["kind"] == kind)


def named(made: Objects, kind: str, name: str) -> Object:
    (found,) = (one for one in of(made, kind) if one["metadata"]["name"] == name)
    return found


def selected(made: Objects, labels: Mapping[str, str]) -> list[Object]:
    """The sets of pods that labels select. A selector of nothing selects everything, which nothing here should."""
    assert labels
    return [one for one in of(made, "StatefulSet") if labels.items() <= one["spec"]["template"]["metadata"]["labels"].items()]


def container(pods: Object) -> Any:
    (found,) = pods["spec"]["template"]["spec"]["containers"]
    return found


def port_names(pods: Object) -> dict[str, int]:
    return {port["name"]: port["containerPort"] for port in container(pods)["ports"]}


def options(pods: Object) -> dict[str, Any]:
    """What the program takes of the arguments of a container."""
    command, *arguments = container(pods)["args"]
    assert command == "serve"
    params: dict[str, Any] = SERVE.make_context("serve", list(arguments)).params
    return params


def variables(pods: Object) -> dict[str, str]:
    return {one["name"]: one["value"] for one in container(pods)["env"]}


def mounted(pods: Object, path: str) -> Object:
    """The volume at a path, or above it."""
    name = next(mount["name"] for mount in container(pods)["volumeMounts"] if Path(path).is_relative_to(mount["mountPath"]))
    spec = pods["spec"]
    found = [one for one in spec["template"]["spec"]["volumes"] if one["name"] == name]
    return found[0] if found else next(one for one in spec["volumeClaimTemplates"] if one["metadata"]["name"] == name)


def number(quantity: str) -> Decimal:
    unit = next((unit for unit in UNITS if quantity.endswith(unit)), "")
    return Decimal(quantity.removesuffix(unit)) * UNITS.get(unit, 1)


def secret(made: Objects, name: str, key: str) -> bytes:
    return base64.b64decode(named(made, "Secret", name)["data"][key])


@pytest.mark.parametrize("tool", ["helm", "kustomize"])
def test_what_is_rendered_is_of_the_sources_that_there_are(tool: str) -> None:
    folder = {"helm": CHART, "kustomize": KUBERNETES}[tool]
    for name in OVERLAYS:
        first = (RENDERED / f"{tool}-{name}.yaml").read_text(encoding="utf-8").partition("\n")[0]
        assert first == header(folder), "run `make manifests`"


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not there: kustomize was not run anew")
@pytest.mark.parametrize("name", OVERLAYS)
def test_kustomize_renders_the_same_again(name: str) -> None:
    assert kustomized(OVERLAYS[name]) == ALL[f"kustomize-{name}"]


@pytest.mark.skipif(not find_spec("helm_python"), reason="helm-python-sdk is not there: the chart was not rendered anew")
@pytest.mark.parametrize("name", OVERLAYS)
def test_helm_renders_the_same_again(name: str) -> None:
    assert list(charted(name)) == ALL[f"helm-{name}"]


@pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
@objects
def test_every_object_is_valid(made: Objects, version: str) -> None:
    without = set()
    for one in made:
        try:
            kubernetes_validate.validate(one, version, strict=True)
        except kubernetes_validate.SchemaNotFoundError:
            without.add(one["kind"])
    assert without <= {"ServiceMonitor", "PrometheusRule"}, "those of the Prometheus operator"


@objects
def test_no_two_objects_are_one_and_all_are_in_the_namespace(made: Objects) -> None:
    names = [(one["kind"], one["metadata"]["name"]) for one in made]
    assert len(names) == len(set(names))
    assert {one["metadata"].get("namespace") for one in made if one["kind"] != "Namespace"} == {"spanledger"}


@objects
def test_pods_are_started_as_the_program_can_be(made: Objects) -> None:
    for pods in of(made, "StatefulSet"):
        given = variables(pods)
        assert {name.removesuffix("_FILE") for name in given} <= VARIABLES
        assert set(port_names(pods).values()) <= PORTS
        assert "command" not in container(pods), "the image has it"
        config = options(pods)["config"]
        volume = mounted(pods, str(config))
        assert config.name in named(made, "Secret", volume["secret"]["secretName"])["data"]


@objects
def test_the_configuration_is_valid(made: Objects, tmp_path: Path) -> None:
    (pods, *_) = of(made, "StatefulSet")
    name = mounted(pods, str(options(pods)["config"]))["secret"]["secretName"]
    file = tmp_path / "spanledger.yaml"
    file.write_bytes(secret(made, name, "spanledger.yaml"))
    config = Config.load(file)
    assert config.ingest.keys, "pods listen on more than loopback"
    assert config.users, "so the page needs users"
    page = named(made, "Service", "spanledger-page")["metadata"]
    name = f"{page['name']}.{page['namespace']}.svc"
    assert set(config.sql.hosts) == {name, f"{name}.cluster.local"}
    for each in of(made, "StatefulSet"):
        (claim,) = each["spec"]["volumeClaimTemplates"]
        assert number(claim["spec"]["resources"]["requests"]["storage"]) >= config.ingest.spool_bytes_max * 2


@objects
def test_one_attributes_and_the_others_only_collect(made: Objects) -> None:
    worker, *collectors = sorted(of(made, "StatefulSet"), key=lambda one: bool(options(one)["collect_only"]))
    assert worker["spec"]["replicas"] == 1
    assert not options(worker)["collect_only"]
    on_server = bool(collectors)
    for pods in collectors:
        assert options(pods)["collect_only"]
        assert pods["spec"]["podManagementPolicy"] == "Parallel"
    for pods in (worker, *collectors):
        assert ("SPANLEDGER_CLICKHOUSE_FILE" in variables(pods)) == on_server
        assert ("sql" in port_names(pods)) != on_server, "only the embedded engine is asked here"
    (intake,) = selected(made, named(made, "Service", "spanledger")["spec"]["selector"])
    assert intake in (collectors or [worker])
    assert selected(made, named(made, "Service", "spanledger-page")["spec"]["selector"]) == [worker]


@objects
def test_what_is_acknowledged_outlives_the_pod(made: Objects) -> None:
    for pods in of(made, "StatefulSet"):
        data = Path(variables(pods)["SPANLEDGER_DATA"])
        assert mounted(pods, str(data)) in pods["spec"]["volumeClaimTemplates"]
        places = {mount["mountPath"] for mount in container(pods)["volumeMounts"]}
        assert str(data) not in places, "the folder of a volume belongs to root, and the service keeps its own to itself"
        assert pods["spec"]["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Retain"}
        assert pods["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] > 10


@objects
def test_secrets_come_from_files(made: Objects) -> None:
    for pods in of(made, "StatefulSet"):
        for name, value in variables(pods).items():
            if name.endswith("_FILE"):
                volume = mounted(pods, value)["secret"]["secretName"]
                given = [one for one in of(made, "Secret") if one["metadata"]["name"] == volume]
                assert all(checked_url(base64.b64decode(one["data"][Path(value).name]).decode()) for one in given)
                assert given or volume == "spanledger-clickhouse", "the chart is told the name of a Secret that is there"
            else:
                assert "://" not in value


@objects
def test_probes_ask_what_there_is(made: Objects) -> None:
    for pods in of(made, "StatefulSet"):
        asked = container(pods)
        for probe, path in (("startupProbe", "/healthz"), ("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")):
            get = asked[probe]["httpGet"]
            found, _, query = get["path"].partition("?")
            assert (found, port_names(pods)[get["port"]]) == (path, 4318)
            excluded = query.removeprefix("exclude=").split(",") if query else []
            assert set(excluded) < set(READINESS)
            assert "spool" not in excluded
        assert "store" in asked["readinessProbe"]["httpGet"]["path"], "an outage of ClickHouse must not be one of the intake"


@objects
def test_pods_may_do_nothing_that_they_need_not(made: Objects) -> None:
    """The level `restricted` of Kubernetes, and a root that cannot be written."""
    for pods in of(made, "StatefulSet"):
        spec, own = pods["spec"]["template"]["spec"], container(pods)
        assert spec["securityContext"]["runAsNonRoot"]
        assert spec["securityContext"]["runAsUser"] == 10001, "as the image has it"
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert own["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert own["securityContext"]["readOnlyRootFilesystem"]
        assert not own["securityContext"]["allowPrivilegeEscalation"]
        assert not spec["automountServiceAccountToken"]
        assert not spec["enableServiceLinks"]
        assert number(own["resources"]["requests"]["memory"]) <= number(own["resources"]["limits"]["memory"])


@objects
def test_what_is_referred_to_is_there(made: Objects) -> None:
    for pods in of(made, "StatefulSet"):
        spec = pods["spec"]["template"]["spec"]
        assert named(made, "ServiceAccount", spec["serviceAccountName"])
        assert named(made, "Service", pods["spec"]["serviceName"])["spec"]["clusterIP"] == "None"
        assert pods in selected(made, pods["spec"]["selector"]["matchLabels"])
        assert {mount["name"] for mount in container(pods)["volumeMounts"]} == {
            *(volume["name"] for volume in spec["volumes"]),
            *(claim["metadata"]["name"] for claim in pods["spec"]["volumeClaimTemplates"]),
        }
        for spread in spec.get("topologySpreadConstraints", []):
            assert selected(made, spread["labelSelector"]["matchLabels"]) == [pods]
    for service in of(made, "Service"):
        for pods in selected(made, service["spec"]["selector"]):
            assert {port["targetPort"] for port in service["spec"]["ports"]} <= port_names(pods).keys()
            assert all(port_names(pods)[port["targetPort"]] == port["port"] for port in service["spec"]["ports"])


@objects
def test_each_set_of_pods_can_be_disrupted_one_by_one(made: Objects) -> None:
    found = []
    for budget in of(made, "PodDisruptionBudget"):
        assert budget["spec"]["maxUnavailable"] == 1
        found += selected(made, budget["spec"]["selector"]["matchLabels"])
    key = lambda one: one["metadata"]["name"]  # noqa: E731
    assert sorted(found, key=key) == sorted(of(made, "StatefulSet"), key=key)


@objects
def test_pods_are_reached_on_their_ports_only_and_reach_what_they_need(made: Objects) -> None:
    incoming: set[str] = set()
    outgoing: set[int] = set()
    for policy in of(made, "NetworkPolicy"):
        spec = policy["spec"]
        found = selected(made, spec["podSelector"]["matchLabels"])
        assert found == list(of(made, "StatefulSet")), "every pod is under it"
        for rule in spec.get("ingress", []):
            assert rule["from"], "from anywhere is nowhere"
            incoming |= {port["port"] for port in rule["ports"]}
        for rule in spec.get("egress", []):
            outgoing |= {port["port"] for port in rule["ports"]}
    known = {name for pods in of(made, "StatefulSet") for name in port_names(pods)}
    assert incoming == known
    assert {53, 443} <= outgoing
    on_server = any("SPANLEDGER_CLICKHOUSE_FILE" in variables(pods) for pods in of(made, "StatefulSet"))
    assert ({8123, 8443} <= outgoing) == on_server


@pytest.mark.parametrize("tool", ["helm", "kustomize"])
def test_prometheus_scrapes_every_pod(tool: str) -> None:
    made = ALL[f"{tool}-clickhouse"]
    (monitor,) = of(made, "ServiceMonitor")
    wanted = monitor["spec"]["selector"]["matchLabels"].items()
    (service,) = (one for one in of(made, "Service") if wanted <= one["metadata"]["labels"].items())
    assert selected(made, service["spec"]["selector"]) == list(of(made, "StatefulSet"))
    (endpoint,) = monitor["spec"]["endpoints"]
    assert endpoint["path"] == "/metrics"
    assert endpoint["port"] in {port["name"] for port in service["spec"]["ports"]}


def test_the_alerts_are_those_of_prometheus() -> None:
    (rule,) = of(ALL["kustomize-clickhouse"], "PrometheusRule")
    assert rule["spec"] == loaded(DEPLOY / "prometheus" / "spanledger.rules.yaml"), "copy the groups"


@pytest.mark.parametrize("name", OVERLAYS)
def test_the_chart_says_what_kustomize_says(name: str) -> None:
    def plain(made: Objects) -> dict[tuple[str, str], Any]:
        """Specifications without what only one of both makes: hashes in names, sums in annotations."""
        text = json.dumps(made)
        for one in of(made, "Secret"):
            whole = one["metadata"]["name"]
            text = text.replace(whole, "-".join(whole.split("-")[:2]))
        found = {(one["kind"], one["metadata"]["name"]): one.get("spec") for one in json.loads(text)}
        for (kind, _), spec in found.items():
            if kind == "StatefulSet":
                spec["template"]["metadata"].pop("annotations", None)
        return found

    chart, kustomize = plain(ALL[f"helm-{name}"]), plain(ALL[f"kustomize-{name}"])
    assert {kind for kind, _ in kustomize.keys() - chart.keys()} <= {"Namespace", "PrometheusRule", "Secret"}
    assert chart.keys() <= kustomize.keys()
    assert {key: kustomize[key] for key in chart} == chart


def test_a_value_of_the_chart_is_in_its_schema_and_the_other_way_round() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    values = loaded(CHART / "values.yaml")

    def compare(given: Any, wanted: Any, path: str) -> None:
        if not isinstance(given, dict) or "properties" not in wanted:
            return
        assert given.keys() == wanted["properties"].keys() - {"global"}, path
        for key in given:
            compare(given[key], wanted["properties"][key], f"{path}.{key}")

    compare(values, schema, "values")
    assert SCHEMA.read_text(encoding="utf-8") == rendered(), "run `make docs`"
