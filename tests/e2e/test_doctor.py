"""`doctor` finds what is wrong with an installation; who comes second to a folder waits, and is told for whom."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from attribution.attribute import attribute
from attribution.configuration import AttributionConfig
from attribution.errors import StorageError
from attribution.storage import Store
from collector.doctor import Finding, _teams, examine
from collector.holding import hold, release
from collector.spool import Spool
from tests.attribution.cases import call
from tests.attribution.compare import deliver
from tests.e2e.serving import COMMAND, batch, environment

HOLD = """
import sys
from pathlib import Path
from collector.holding import hold
hold(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def found(data: Path, config: Path | None = None) -> list[Finding]:
    """What is not well, without the store: it has nothing to do with the rest."""
    return [finding for finding in examine(config, data, None) if finding.level != "ok"]


def told(findings: list[Finding]) -> str:
    return "\n".join(f"{finding.level} {finding.what}: {finding.advice}" for finding in findings)


@pytest.fixture
def ill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a spool in which one request waits since yesterday and one is quarantined; its store is not looked at."""
    monkeypatch.setattr("collector.doctor._store", lambda *_: iter(()))
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    with closing(Spool(data / "spool.sqlite", bytes_max=1 << 20, clock_ns=lambda: time.time_ns() - 86_400 * 10**9)) as spool:
        for body in (b"a", b"b"):
            spool.put(body, 3, {}).result(10)
        spool.quarantine(spool.take(after=0, requests_max=1, bytes_max=9)[0], "refused")
    return data


def test_what_is_wrong_with_a_folder_is_found(ill: Path) -> None:
    (ill / "spool.sqlite.damaged-1").touch()
    text = told(found(ill))
    for wrong in (
        f"wrong data folder: others may enter {ill}: chmod 700",
        "wrong data folder: spool.sqlite.damaged-1 was damaged",
        "wrong spool: 1 requests of 3 spans wait, the oldest for 86400 s",
        "wrong spool: 1 requests are quarantined: spanledger quarantine list",
        "note configuration: no ingest keys",
    ):
        assert wrong in text


def test_teams_that_the_organization_does_not_have_are_listed(store: Store) -> None:
    spans = [call("a", trace=team, cost="1.5", span_team=team) for team in ("sales", "VERTRIEB", "Slaes")]
    settings = {"organization": {"teams": {"sales": {"aliases": ["vertrieb"]}}}}
    deliver(store, spans)
    attribute(store, AttributionConfig.parse(settings))
    assert told([*_teams(store, ["sales"])]).startswith(
        "note teams: organization.teams does not have Slaes (1.50 USD, last on 1970-01-01): "
    )
    assert [*_teams(store, ["sales", "Slaes"])] == [*_teams(store, [])] == []


def test_a_spool_that_is_none_is_found(ill: Path) -> None:
    (ill / "spool.sqlite").write_bytes(b"a letter " * 1000)
    assert "wrong the data folder: file is not a database" in told(found(ill))


def test_a_wrong_configuration_is_found(ill: Path, tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    for settings, wrong in (
        ({"agents": {"share": []}}, "agents.share: there is no such key; do you mean shared?"),
        (
            {"forward": [{"endpoint": "http://x", "header_files": {"authorization": "/no/file"}}]},
            "forward.header_files.authorization: /no/file",
        ),
        ({"tls": {"certificate": "/no/crt", "key": "/no/key"}}, "tls.certificate: /no/crt: cannot be read"),
        ({"pools": {"gpu": {"driver": "fixed"}}}, "pools.gpu: driver: fixed needs weights"),
    ):
        config.write_text(yaml.safe_dump(settings), encoding="utf-8")
        assert wrong in told(found(ill, config))


def test_the_command_looks_at_the_store_too_and_its_exit_code_says_whether_all_is_well(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    [(code, said)] = batch(["doctor", "--data", str(data)])
    assert code == 0, said
    assert "ok    books: all audits pass" in said
    assert "ok    store: ClickHouse" in said


def test_who_comes_second_waits_and_is_told_for_whom(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with subprocess.Popen(  # noqa: S603  (our own script)
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment()
    ) as holder:
        assert holder.stdout
        assert holder.stdin
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(StorageError, match=rf"is in use by process {holder.pid} \("):
            hold(tmp_path, wait_seconds=0.2)
        assert f"waiting for process {holder.pid}" in capsys.readouterr().err
        assert not hold(tmp_path, give_way=lambda: True), "a server answers by now"
        holder.kill()
        holder.wait()
    assert hold(tmp_path, wait_seconds=5), "the holder is dead"
    assert hold(tmp_path), "this process has it"
    release(tmp_path)
    release(tmp_path)


def test_two_commands_at_once_both_end_well(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    commands = [
        subprocess.Popen(  # noqa: S603  (our own command)
            [*COMMAND, "audit", "--data", str(data)], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for _ in range(2)
    ]
    said = [command.communicate(timeout=120)[0] for command in commands]
    assert [command.returncode for command in commands] == [0, 0], said
    assert sum("waiting for process" in text for text in said) == 1, said
