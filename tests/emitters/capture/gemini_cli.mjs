// /// script
// dependencies = ["@google/gemini-cli@0.61.0"]
// ///
// emitter: Gemini CLI, log events
// signal: logs
// Gemini's command line with its own logs: two events tell each call.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const cases = {};

cases.prompt_logs = async () => {
  const home = mkdtempSync(join(tmpdir(), "gemini-"));
  mkdirSync(join(home, ".gemini"));
  const telemetry = { enabled: true, target: "local", otlpEndpoint: process.env.CAPTURE_SINK, otlpProtocol: "http", logPrompts: false };
  const settings = {
    security: { auth: { selectedType: "gemini-api-key" } },
    privacy: { usageStatisticsEnabled: false },
    general: { disableAutoUpdate: true },
    telemetry,
  };
  writeFileSync(join(home, ".gemini", "settings.json"), JSON.stringify(settings));
  const { OTEL_LOGS_EXPORTER: _, OTEL_METRICS_EXPORTER: __, ...kept } = process.env;
  const done = spawnSync("node_modules/.bin/gemini", ["-m", "gemini-2.5-flash", "-p", "Weather in Paris", "--skip-trust"], {
    env: { ...kept, HOME: home },
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (done.status !== 0) throw new Error(`gemini exits with ${done.status}`);
};

await cases[process.argv[2]]();
