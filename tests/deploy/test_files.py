"""What deploys Spanledger names what there is: files, options, variables, metrics, ports."""

from __future__ import annotations

import hashlib
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from typer.main import get_command

from collector.cli import app
from collector.config import Config
from collector.metrics import COUNTERS, GAUGES, HISTOGRAMS
from collector.users import matches

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMMANDS: Any = get_command(app).commands  # type: ignore[attr-defined]
SERVE = COMMANDS["serve"]
OPTIONS = {option for parameter in SERVE.params for option in parameter.opts}
VARIABLES = {parameter.envvar for parameter in SERVE.params if getattr(parameter, "envvar", None)}
OF_GRAFANA = {"SPANLEDGER_SQL_HOST", "SPANLEDGER_SQL_PORT", "SPANLEDGER_SQL_USER", "SPANLEDGER_SQL_PASSWORD"}
COMPOSE = sorted(path for path in (DEPLOY / "compose").glob("*.yaml") if path.stem != "spanledger")
SERVICE_KEYS = {
    "build", "image", "command", "environment", "depends_on", "read_only", "user", "cap_drop", "security_opt", "tmpfs", "stop_grace_period",
    "restart", "ports", "profiles", "volumes", "healthcheck",
}  # fmt: skip
"""Of the Compose specification, those that we use."""
LOCKED_EXTRAS = ("mcp", "oidc")
"""What the image has beside the service itself."""
PORTS = {4317, 4318, 8123}
"""Where `serve` listens unless told otherwise."""


def loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def services() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path in COMPOSE:
        yield from ((path.stem, name, service) for name, service in loaded(path)["services"].items())


SERVICES = list(services())


@pytest.mark.parametrize(("file", "name", "service"), SERVICES, ids=[f"{file}: {name}" for file, name, _ in SERVICES])
def test_a_service_of_compose_names_what_there_is(file: str, name: str, service: Mapping[str, Any]) -> None:
    folder, whole = DEPLOY / "compose", loaded(DEPLOY / "compose" / f"{file}.yaml")
    assert service.keys() <= SERVICE_KEYS, name
    if "build" in service:
        context = folder / service["build"]["context"]
        assert context.resolve() == ROOT
        assert (context / service["build"]["dockerfile"]).is_file()
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        assert (folder / source).exists() if source.startswith(".") else source in whole["volumes"], volume
    assert set(service.get("depends_on", [])) <= whole["services"].keys()
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), "loopback only, until somebody chooses otherwise"
    known = {each for each in service.get("environment", {}) if each.startswith("SPANLEDGER_")}
    assert known <= VARIABLES | OF_GRAFANA | {"SPANLEDGER_KEY"}
    if service["image"].startswith("spanledger"):
        command, *arguments = service["command"]
        params = COMMANDS[command].make_context(command, arguments).params
        if params.get("to"):
            assert urlsplit(params["to"]).hostname in whole["services"]
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["user"] == "10001:10001"
        assert {int(port.split(":")[-1]) for port in service.get("ports", [])} <= PORTS
    else:
        assert ":" in service["image"], "a version is named"
        assert not service["image"].endswith(":latest")


def test_the_configuration_of_compose_is_valid_and_its_secrets_are_those_that_it_says() -> None:
    config = Config.load(DEPLOY / "compose" / "spanledger.yaml")
    assert config.ingest.keys[0].secret_sha256 == hashlib.sha256(b"change-me").hexdigest()
    assert matches("change-me", config.users[0].password_scrypt)


def test_the_image_is_made_of_what_there_is_and_runs_as_nobody_special() -> None:
    lines = re.sub(r"\\\n", " ", (DEPLOY / "docker" / "Dockerfile").read_text(encoding="utf-8")).splitlines()
    said = [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines if line and not line.startswith("#"))]
    last = said[max(place for place, (word, _) in enumerate(said) if word == "FROM") :]
    for word, rest in said:
        assert word != "ADD"
        if word == "COPY" and not rest.startswith("--from"):
            assert all((ROOT / source).exists() for source in rest.split()[:-1]), rest
        if word == "FROM":
            assert re.fullmatch(r"python:3\.\d+-slim( AS build)?", rest)
    found = dict(last)
    assert found["USER"] == "10001:10001"
    assert "healthz" in found["HEALTHCHECK"]
    assert {int(port) for port in found["EXPOSE"].split()} == PORTS
    assert set(re.findall(r"SPANLEDGER_\w+", found["ENV"])) <= VARIABLES
    assert found["ENTRYPOINT"] == '["spanledger"]'


def test_the_image_gets_all_that_it_copies() -> None:
    sent = (DEPLOY / "docker" / "Dockerfile.dockerignore").read_text(encoding="utf-8").split()
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", (DEPLOY / "docker" / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert {f"!{name.removeprefix('./')}" for line in copied for name in line.split()} <= set(sent)


@pytest.mark.parametrize("package", ["attribution", "collector"])
def test_what_is_installed_has_all_files_that_are_not_python(package: str) -> None:
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-data"][package]
    files = [path.relative_to(ROOT / package) for path in (ROOT / package).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    left = [str(path) for path in files if not any(fnmatch(str(path), each.replace("**/", "*")) for each in patterns)]
    # The native core is built from its source when the package is.
    assert [name for name in left if not name.endswith((".py", ".pyi", "README.md", ".zig", ".so"))] == []


def test_the_image_is_built_from_pinned_packages_that_fit_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [
        Requirement(each)
        for each in (*project["dependencies"], *(each for name in LOCKED_EXTRAS for each in project["optional-dependencies"][name]))
    ]
    text = (DEPLOY / "docker" / "requirements.lock").read_text(encoding="utf-8")
    pins = re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==(\S+)(?: ; .+)? \\\n((?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", text, re.MULTILINE)
    assert len(pins) == len(re.findall(r"^[\w.-]+.*==", text, re.MULTILINE)), "each pin has the hashes of its files"
    versions = {canonicalize_name(name): version for name, version, _ in pins}
    wrong = [str(each) for each in asked if not each.specifier.contains(versions.get(canonicalize_name(each.name), "0"), prereleases=True)]
    assert wrong == [], "make lock"
    assert "://" not in text


def unit(name: str) -> list[tuple[str, str]]:
    """Names and values of a unit, or of a drop-in."""
    lines = (DEPLOY / "systemd" / name).read_text(encoding="utf-8").splitlines()
    return [(name, value) for name, _, value in (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))]


def test_the_service_of_systemd_is_started_with_options_that_there_are() -> None:
    said = unit("spanledger.service")
    command = shlex.split(dict(said)["ExecStart"])
    assert command[1] == "serve"
    assert {part for part in command if part.startswith("--")} <= OPTIONS
    assert len(said) == len(dict(said))


def test_the_service_of_systemd_gets_its_secret_as_a_file() -> None:
    said = dict(unit("spanledger.service.d/clickhouse.conf"))
    name, _, file = said["Environment"].partition("=")
    assert name.removesuffix("_FILE") in VARIABLES
    assert file == f"%d/{said['LoadCredential'].partition(':')[0]}"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not there: the unit was not verified")
def test_systemd_understands_the_unit_and_its_drop_in(tmp_path: Path) -> None:
    text = (DEPLOY / "systemd" / "spanledger.service").read_text(encoding="utf-8")
    made = tmp_path / "spanledger.service"
    made.write_text(re.sub(r"^ExecStart=\S+", f"ExecStart={sys.executable}", text, flags=re.MULTILINE), encoding="utf-8")
    shutil.copytree(DEPLOY / "systemd" / "spanledger.service.d", tmp_path / "spanledger.service.d")
    command = ["systemd-analyze", "verify", "--man=no", str(made)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  (our own unit)
    assert "spanledger" not in done.stderr
    assert done.returncode == 0


RULES = loaded(DEPLOY / "prometheus" / "spanledger.rules.yaml")["groups"][0]["rules"]


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_an_alert_is_about_metrics_that_there_are(rule: Mapping[str, Any]) -> None:
    known = {*GAUGES, *(f"{name}_total" for name in COUNTERS), *(f"{name}_bucket" for name in HISTOGRAMS)}
    named = set(re.findall(r"spanledger_\w+", rule["expr"]))
    assert named
    assert named <= known
    for metric, label, value in re.findall(r"(spanledger_\w+)\{(\w+)=\"(\w+)\"\}", rule["expr"]):
        text, labels = {**GAUGES, **COUNTERS}[metric.removesuffix("_total")]
        assert label in labels
        assert value in text
    assert rule["labels"]["severity"] in {"warning", "critical"}
    assert rule["annotations"].keys() == {"summary", "description"}


COLLECTORS = sorted((DEPLOY / "otel-collector").glob("*.yaml"))
COMPONENTS: Mapping[str, Mapping[str, set[str]]] = {
    "receivers": {"otlp": {"protocols"}},
    "processors": {
        "memory_limiter": {"check_interval", "limit_percentage", "spike_limit_percentage"},
        "batch": {"send_batch_size", "send_batch_max_size", "timeout"},
        "tail_sampling": {"decision_wait", "policies"},
    },
    "connectors": {"forward": set()},
    "exporters": {
        "otlp": {"endpoint", "tls", "retry_on_failure", "sending_queue"},
        "otlphttp": {"endpoint", "headers", "compression", "retry_on_failure", "sending_queue"},
        "loadbalancing": {"routing_key", "protocol", "resolver"},
    },
    "extensions": {"file_storage": {"directory", "create_directory", "fsync"}, "health_check": {"endpoint"}},
}
"""Of the OpenTelemetry Collector, as its documentation of 0.140 has them: components and their keys that we use."""


def component(name: str) -> str:
    """`otlphttp/spanledger` is an `otlphttp`."""
    return name.partition("/")[0]


@pytest.mark.parametrize("file", COLLECTORS, ids=[file.stem for file in COLLECTORS])
def test_a_collector_is_made_of_components_that_there_are(file: Path) -> None:
    config = loaded(file)
    assert config.keys() <= {*COMPONENTS, "service"}
    used: set[tuple[str, str]] = {("extensions", name) for name in config["service"].get("extensions", [])}
    for pipeline in config["service"]["pipelines"].values():
        assert pipeline["processors"][0] in {"memory_limiter", "tail_sampling"}
        for part in ("receivers", "processors", "exporters"):
            used |= {(part if name in config.get(part, {}) else "connectors", name) for name in pipeline[part]}
    assert used == {(part, name) for part in COMPONENTS for name in config.get(part, {})}, "each is used, and what is used is there"
    for part, name in used:
        assert (config[part][name] or {}).keys() <= COMPONENTS[part][component(name)], name
    stores = {each.get("sending_queue", {}).get("storage") for each in config["exporters"].values()} - {None}
    assert stores <= set(config["service"].get("extensions", []))


@pytest.mark.parametrize("file", COLLECTORS, ids=[file.stem for file in COLLECTORS])
def test_a_collector_sends_every_span_before_anything_is_sampled(file: Path) -> None:
    config = loaded(file)
    pipelines = config["service"]["pipelines"]
    sampled = {name for pipeline in pipelines.values() if "tail_sampling" in pipeline["processors"] for name in pipeline["exporters"]}
    assert not any("spanledger" in name or "gateway" in name for name in sampled)
    for signal in ("traces", "logs", "metrics"):
        sent = {name for key, pipeline in pipelines.items() if component(key) == signal for name in pipeline["exporters"]}
        assert {"otlphttp/spanledger", "loadbalancing/gateway", "otlp/gateway"} & sent, f"{signal} tell of calls"
    for name, exporter in config["exporters"].items():
        if "spanledger" in name:
            assert exporter["retry_on_failure"]["max_elapsed_time"] == "0s", "an outage loses nothing"
            assert exporter["endpoint"].endswith(":4318")


@pytest.mark.parametrize("name", ["langfuse", "litellm"])
def test_the_configuration_beside_another_tool_is_valid(name: str) -> None:
    config = Config.load(DEPLOY / name / "spanledger.yaml")
    assert config.ingest.keys[0].secret_sha256 == hashlib.sha256(b"change-me").hexdigest()
    assert set(config.senders) <= {key.sent_by for key in config.ingest.keys}


def test_the_proxy_of_litellm_sends_to_us_with_the_key_that_there_is() -> None:
    lines = (DEPLOY / "litellm" / "environment").read_text(encoding="utf-8").splitlines()
    said = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    assert said["OTEL_ENDPOINT"].endswith(":4318/v1/traces")
    assert said["OTEL_HEADERS"] == "x-api-key=change-me"
    assert loaded(DEPLOY / "litellm" / "config.yaml")["litellm_settings"]["callbacks"] == ["otel"]


def test_the_page_about_deploying_names_what_there_is_and_all_of_it() -> None:
    page = (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:deploy|tests)/[^` ]+)`", page)
    assert all((ROOT / name).exists() for name in named), named
    folders = {path.name for path in DEPLOY.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert {name.split("/")[1] for name in named if name.startswith("deploy/")} == folders
