// `make demo`: all layers in one process on one scaled clock, an app's simulated users sending events to
// the real collector over HTTP, and a table where the speed number and, once the simulated day has closed,
// the batch number stand side by side. DEMO_SECONDS ends it by itself; PORT asks for a port.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyMaking, scaledClock, systemClock } from "@tandem/adapters/embedded";
import {
  createKey,
  DAY_MS,
  type EpochMs,
  formatDay,
  ledgerKeyStore,
  MINUTE_MS,
  utcDay,
} from "@tandem/shared-logic";
import { appDeliveries } from "../simulator/app-users.ts";
import { LAYERS, startTandem } from "../start-tandem.ts";
import { stopSignals } from "../stop-signals.ts";
import type { DemoApi } from "./demo-api.ts";
import { compareLayers, todayLine } from "./demo-table.ts";
import { sendDue } from "./send-due.ts";

const seconds =
  process.env["DEMO_SECONDS"] === undefined ? undefined : Number(process.env["DEMO_SECONDS"]);
if (seconds !== undefined && !(seconds >= 10)) {
  process.stderr.write("DEMO_SECONDS: expected a number of seconds, 10 or more\n");
  process.exit(2);
}
/** Real time that one simulated day takes. */
const dayRealMs = seconds === undefined ? 40_000 : (seconds * 1000) / 2;
const scale = DAY_MS / dayRealMs;
const START = Date.UTC(2026, 2, 2) as EpochMs;
const DAYS = seconds === undefined ? 30 : 3;
const say = (text: string): void => void process.stdout.write(`${text}\n`);

const real = systemClock();
const dataDir = await mkdtemp(join(tmpdir(), "tandem-demo-"));
const clock = scaledClock(START, scale);
const running = await startTandem({
  host: "127.0.0.1",
  port: Number(process.env["PORT"] ?? 0),
  parts: LAYERS["run"]?.parts ?? [],
  clock,
  dataDir,
  metricFolders: [],
  // Intervals are the clock's: what is 100 ms for people is 100 ms times the scale for it.
  tandem: { speed: { flushMs: 100 * scale, checkpointMs: 5000 * scale } },
  schedule: { graceMs: 20 * MINUTE_MS, everyMs: 200 * scale, archiveMs: 60_000 * scale },
  onError: (error, where) =>
    say(`${where}: ${error instanceof Error ? error.message : String(error)}`),
});
const url = running.url ?? "";
const keys = ledgerKeyStore(running.tandem.ports.views);
const { presented } = await createKey(
  keys,
  keyMaking,
  { tenant: "demo", scopes: ["write", "read"] },
  clock.now(),
);
const deliveries = appDeliveries({ seed: 1, users: 2500, from: START, days: DAYS });
const api: DemoApi = { url, key: presented };

say(
  `Tandem runs on ${url}; one simulated day takes ${Math.round(dayRealMs / 1000)} s, the first is ${formatDay(utcDay(START / DAY_MS))}`,
);
say(`key of tenant demo: ${presented}`);
say("try it from another terminal:");
say(
  `  curl -s -H 'Authorization: Bearer ${presented}' '${url}/metrics/active_users?from=2026-03-02&until=2026-03-03&grain=day'`,
);
say("");

const stop = new AbortController();
const asked = stopSignals();
asked.signal.addEventListener("abort", () => stop.abort());
const sender = sendDue(deliveries, clock, real, api, stop.signal);
const until = seconds === undefined ? Number.POSITIVE_INFINITY : real.now() + seconds * 1000 - 1500;
const compared = new Set<number>();
while (!stop.signal.aborted && real.now() < until) {
  await real.sleep(1000, stop.signal).catch(() => undefined);
  say(await todayLine(api, clock.now(), sender.counts));
  for (let day = START / DAY_MS; day < Math.floor(clock.now() / DAY_MS); day++) {
    if (compared.has(day)) continue;
    const lines = await compareLayers(api, running.tandem, utcDay(day));
    if (!lines) continue;
    compared.add(day);
    say(`\n${formatDay(utcDay(day))} has closed: speed beside batch, at the same offsets`);
    for (const line of lines) say(`  ${line}`);
    say("");
  }
}
stop.abort();
await sender.done;
const c = sender.counts;
say(
  `\nsent ${c.sent} events in ${c.requests} requests (${c.copies} of them copies): accepted ${c.accepted}, retry ${c.retry}, rejected ${c.rejected}`,
);
const counters = running.tandem.workers.map((w) => w.current?.counters);
const sum = (of: "counted" | "duplicate" | "suspected" | "unchecked"): number =>
  counters.reduce((n, k) => n + (k?.[of] ?? 0), 0);
say(
  `the speed layer counted ${sum("counted")}, recognized ${sum("duplicate")} duplicates, suspects ${sum("suspected")}, could not check ${sum("unchecked")}`,
);
await running.stop();
asked.release();
await rm(dataDir, { recursive: true, force: true });
if (compared.size === 0 && seconds !== undefined) {
  say("no simulated day was sealed in time");
  process.exitCode = 1;
}
