// /// script
// dependencies = ["@openai/codex@0.171.0"]
// ///
// emitter: Codex CLI
// signal: logs
// Codex's command line with its own logs, which tell the usage of every answer.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const cases = {};

cases.exec = async () => {
  const home = mkdtempSync(join(tmpdir(), "codex-"));
  mkdirSync(join(home, ".codex"));
  const { CAPTURE_PROVIDER: provider, CAPTURE_SINK: sink } = process.env;
  writeFileSync(
    join(home, ".codex", "config.toml"),
    `
model = "gpt-5"
model_provider = "fake"
[model_providers.fake]
name = "fake"
base_url = "${provider}/v1"
wire_api = "responses"
env_key = "OPENAI_API_KEY"
[analytics]
enabled = false
[otel]
exporter = { otlp-http = { endpoint = "${sink}/v1/logs", protocol = "json" } }
`,
  );
  const done = spawnSync("node_modules/.bin/codex", ["exec", "--skip-git-repo-check", "Weather in Paris"], {
    env: { ...process.env, HOME: home, CODEX_HOME: join(home, ".codex") },
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (done.status !== 0) throw new Error(`codex exits with ${done.status}`);
};

await cases[process.argv[2]]();
