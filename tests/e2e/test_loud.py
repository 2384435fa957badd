"""What was silent and wrong is said: a file, an address, a folder, days that do not fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from attribution.errors import ConfigurationError
from collector.config import Config
from tests.e2e.serving import COMMAND, batch, run


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ingest: {content: keep}\ningest: {content: drop}\n", "the key ingest stands twice"),
        ("ingest:\n  oldest_days: 3\n  oldest_days: 4\n", "is not YAML: line 3, column 3: the key oldest_days stands twice"),
        ("ingest: [1\n", "is not YAML: line 2, column 1: while parsing a flow sequence"),
        ("ingest: {contents: keep}\n", "ingest.contents: there is no such key; do you mean content?; allowed are content, "),
        ("ingets: {}\n", "ingets: there is no such key; do you mean ingest?; allowed are agents, allocation"),
        ("pools: {guardrail: {drvier: even}}\n", "do you mean driver?"),
        ("forward: [{endpont: 'http://x'}]\n", "do you mean endpoint?"),
        ("ingest: {content: maybe}\n", "'maybe' is not allowed: must be 'drop' or 'keep'"),
        ("ingest: {oldest_days: soon}\n", "'soon' is not allowed: must be a whole number"),
        ("ingest: {oldest_days: true}\n", "a number or a text is needed, not true or false"),
        ("ingest: {oldest_days: 1.5}\n", "1.5 is not allowed: must be a whole number"),
        ("ingest: 5\n", "ingest: 5 is not allowed: must hold keys and values; allowed are content, "),
        ("ingest: {keys: [{name: a, secret_sha256: xyz}]}\n", "must be the SHA-256 of the secret, 64 hexadecimal digits in lower case"),
        ("agents: {shared: guardrail}\n", "agents.shared: 'guardrail' is not allowed: must be a list, such as [a, b]"),
        ("agents: {owners: {bot: 7}}\n", "agents.owners.bot: 7 is not allowed: must be text: put it into quotes"),
        ("pricing: {update: perhaps}\n", "pricing.update: 'perhaps' is not allowed: must be true or false"),
        (
            "pricing: {models: [{model: m, input: '1,20'}]}\n",
            "pricing.models.0.input: '1,20' is not allowed: must be a number, such as 1.25",
        ),
        (
            "pricing: {models: [{model: m, input: 1, from: soon}]}\n",
            "pricing.models.0.from: 'soon' is not allowed: must be a day or a time",
        ),
        ("dimensions: {boss: [x]}\n", "dimensions.boss: 'boss' is not allowed: must be 'team', "),
        ("billing: {charges: [{name: a, model: subscription, fee: 1, seats: {ada: 3}}]}\n", "billing.charges.0.seats.ada: 3 is not"),
        (
            "billing: {charges: [{name: a, model: subscription, fee: 1, seats: x}]}\n",
            "billing.charges.0.seats: 'x' is not allowed: must be a whole number, or must hold keys and values",
        ),
    ],
)
def test_a_file_that_is_wrong_is_told_in_its_own_words(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "spanledger.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        Config.load(file)
    assert said in str(refused.value)
    for theirs in ("Input", "pydantic", "tuple", "constrained", "dict[", "[key]", "parse", "<unicode"):
        assert theirs not in str(refused.value).replace("while parsing", "")


def test_a_merge_of_yaml_is_no_repetition(tmp_path: Path) -> None:
    file = tmp_path / "spanledger.yaml"
    file.write_text("pools:\n  a: &one {driver: even}\n  b: {<<: *one}\n", encoding="utf-8")
    assert Config.load(file).pools["b"].driver == "even"


def test_commands_say_what_does_not_fit(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text("ingest: {content: keep}\n", encoding="utf-8")
    (tmp_path / "bad.yaml").write_text("ingest: {content: no}\n", encoding="utf-8")
    nowhere = str(tmp_path / "nowhere")
    good, bad, *refused = batch(
        ["config", "check", str(tmp_path / "good.yaml")],
        ["config", "check", str(tmp_path / "bad.yaml")],
        ["report", "team", "--data", nowhere],
        ["audit", "--data", nowhere],
        ["report", "team", "--clickhouse", "clickhouse.example:8123"],
        ["report", "team", "--clickhouse", "user:secret@clickhouse.example:8123"],
        ["cluster", "spans", "--clickhouse", "clickhouse.example:8123", "--shard", "http://127.0.0.1:1/"],
        ["report", "team", "--data", nowhere, "--from", "2026-10-02", "--to", "2026-10-01"],
        ["report", "team", "--clickhouse", "http://127.0.0.1:1/"],
    )
    assert good[0] == 0
    assert bad[0] == 2
    assert "ingest.content" in bad[1]
    assert [code for code, _ in refused] == [2] * 7
    texts = [text for _, text in refused]
    assert all("there is no such data folder" in text for text in texts[:2])
    assert all("a URL is needed" in text and "secret" not in text for text in texts[2:5])
    assert "is after --to 2026-10-01" in texts[5]
    assert texts[6].startswith("error: ClickHouse cannot be reached: ")
    assert "Connection refused" in texts[6]
    assert "query_id" not in texts[6]
    assert not Path(nowhere).exists()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["report", "team", "--top", "many"], "'--top': must be a whole number"),
        (["report", "team", "--top", "-1"], "'--top': must be greater than or equal to 0"),
        (["report", "team", "--format", "docx"], "'--format': 'docx' is not one of 'table', 'json', 'csv'"),
        (["report", "team", "--from", "yesterday"], "'--from': 'yesterday' is no day: one such as 2026-10-01 is needed"),
    ],
)
def test_what_is_wrong_with_an_option_is_said_without_the_words_of_a_library(command: list[str], said: str) -> None:
    done = run(*COMMAND, *command)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr


def test_a_server_that_cannot_be_reached_is_one_line() -> None:
    done = run(*COMMAND, "report", "team", "--clickhouse", "http://127.0.0.1:1/")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_options_from_the_environment(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("clickhouse:8123\n", encoding="utf-8")
    said = run(*COMMAND, "report", "team", SPANLEDGER_CLICKHOUSE_FILE=str(secret)).stderr
    assert "--clickhouse clickhouse:8123: a URL is needed" in said
    said = run(*COMMAND, "serve", SPANLEDGER_DATA=str(tmp_path / "data"), SPANLEDGER_SHARD="http://one:8123/ two:8123").stderr
    assert "--shard two:8123: a URL is needed" in said
    assert "missing-data" in run(*COMMAND, "report", "team", SPANLEDGER_DATA=str(tmp_path / "missing-data")).stderr
    assert run(*COMMAND, "--version").stdout.startswith("spanledger 0.")
