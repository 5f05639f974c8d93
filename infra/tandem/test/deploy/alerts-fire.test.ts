// Every alert rule, evaluated as a Prometheus server would over the pages that two processes' registries print: quiet
// at its threshold, fires once what it is about has lasted as long as its `for` says and not before, forgets what ended earlier,
// and names a page of the runbook and labels that it has.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type PrometheusTelemetry, prometheusTelemetry } from "@tandem/adapters/prometheus";
import { reportNotifications } from "@tandem/adapters/stack";
import { reportBatch } from "@tandem/batch-layer";
import {
  count,
  DAY_MS,
  datasetKey,
  type EpochMs,
  metric,
  NO_NOTIFICATIONS,
  type Telemetry,
} from "@tandem/shared-logic";
import { parseRule, seconds } from "./evaluate-rule.ts";
import { keyOf, MetricHistory } from "./metric-history.ts";

const file = (path: string): string =>
  readFileSync(new URL(`../../../../${path}`, import.meta.url), "utf8");
const RULES = file("infra/deploy/alerts.yaml")
  .split(/^ {6}- alert: /m)
  .slice(1)
  .map((text) => ({
    name: text.split("\n")[0] ?? "",
    rule: parseRule(/^ {8}expr: (.*)$/m.exec(text)?.[1] ?? ""),
    waitS: seconds(/^ {8}for: (.*)$/m.exec(text)?.[1] ?? "0s"),
    summary: /summary: "(.*)"/.exec(text)?.[1] ?? "",
    runbook: /runbook: "docs\/runbook\.md#(.*)"/.exec(text)?.[1],
  }));

const SEEN = metric({
  ...{ name: "seen", title: "Seen", unit: "things", version: 1, examples: [], reducer: count() },
});
const STEP_S = 30;
/** Rules are asked so long after a scrape. */
const ASKED_S = 10;
const QUIET_S = 15 * 60;

/** What one process reports at each scrape: `n` scrapes since it began to be wrong, undefined before and after. */
interface Scene {
  readonly tell: (telemetry: Telemetry, n: number | undefined) => void;
  /** Longest that the condition may take to be seen, beside the rule's `for`. */
  readonly seenS?: number;
  /** It lasts on by itself once seen: a range of counts. */
  readonly lasting?: true;
  /** The process does not answer. */
  readonly down?: true;
  /** How long ago the dataset's first day ended; it has no runs. */
  readonly unsealedS?: (wrong: boolean) => number;
}
const P0 = { partition: "0" };
const gauge = (set: (telemetry: Telemetry, wrong: 0 | 1) => void): Scene => ({
  tell: (telemetry, n) => set(telemetry, n === undefined ? 0 : 1),
});
const counts = (
  add: (telemetry: Telemetry, n: number | undefined) => void,
  seenS = 300,
): Scene => ({
  tell: add,
  seenS,
  lasting: true,
});
const once = (n: number | undefined, by: number): number => (n === 0 ? by : 0);

const SCENES: Readonly<Record<string, Scene>> = {
  ConsumerLag: gauge((t, wrong) => t.set("consumer_lag_seconds", 30 + wrong, P0)),
  ProcessDown: { tell: () => undefined, down: true },
  LostRange: gauge((t, wrong) => t.set("lost_range_records", wrong, P0)),
  ArchiveLag: gauge((t, wrong) => {
    t.set("log_retention_seconds", 1000);
    t.set("archive_lag_seconds", 500 + wrong, P0);
  }),
  DropRate: counts((t, n) => {
    t.add("events_received_total", 5000);
    t.add("events_rejected_total", n === undefined ? 4 : 50, { reason: "bad_time" });
  }),
  DeadLetters: counts((t, n) => {
    t.add("events_dead_lettered_total", n === undefined ? 40 : 90, { layer: "collector" });
  }),
  DeadLettersLost: counts((t, n) => t.add("dead_letters_lost_total", once(n, 1))),
  EventsRefused: counts((t, n) => t.add("events_retry_total", n === undefined ? 0 : 1)),
  DayUnsealed: { tell: () => undefined, unsealedS: (wrong) => 6 * 3600 + (wrong ? 1 : 0) },
  Unreconciled: gauge((t, wrong) =>
    t.set("reconciliation_unexplained_days", wrong, { metric: "revenue" }),
  ),
  CheckpointOld: gauge((t, wrong) => t.set("checkpoint_age_seconds", 300 + wrong, P0)),
  SpoolFilling: gauge((t, wrong) => t.set("spool_bytes", wrong)),
  // Two failures are let through.
  BatchFailing: counts((t, n) => {
    if (n === 0 || n === 5 || n === 10) t.add("runs_total", 1, { state: "failed" });
  }, 360),
  RetentionFailing: counts((t, n) => {
    t.set("retention_age_seconds", 3 * 24 * 3600);
    if (n !== undefined && n < 3) t.add("retention_failures_total", 1);
  }),
  QueryErrors: counts((t, n) => {
    t.add("queries_total", n === undefined ? 100 : 90, { operation: "metric", status: "200" });
    t.add("queries_total", n === undefined ? 1 : 10, { operation: "metric", status: "503" });
  }),
  SpoolStuck: gauge((t, wrong) => t.set("spool_oldest_seconds", 600 + wrong)),
  NotificationsDropped: counts((t, n) =>
    t.add("notifications_dropped_total", once(n, 7), { kind: "late" }),
  ),
  CellUpdatesSkipped: counts((t, n) =>
    t.add("cell_updates_skipped_total", n === undefined ? 0 : 5),
  ),
  BridgeLag: gauge((t, wrong) => t.set("bridge_lag_records", 10_000 + wrong, P0)),
  BridgeLost: counts((t, n) => t.add("bridge_lost_records_total", once(n, 1))),
};

/** A registry as a process has it, with what it reports of itself before anything happened. */
function processPage(world: { unsealedS: number | undefined }): PrometheusTelemetry {
  const telemetry = prometheusTelemetry({ processFigures: false });
  const ledger = async (key: string) => {
    const known = key === datasetKey("events") && world.unsealedS !== undefined;
    return known ? { key, value: JSON.stringify({ firstDay: 0 }), version: 1 } : undefined;
  };
  const clock = { now: () => (DAY_MS + (world.unsealedS ?? 0) * 1000) as EpochMs };
  reportBatch(telemetry, { views: { ledger }, clock, dataset: "events", metrics: [SEEN] });
  reportNotifications(telemetry, NO_NOTIFICATIONS);
  return telemetry;
}

class Server {
  readonly history = new MetricHistory();
  readonly world: { unsealedS: number | undefined } = { unsealedS: undefined };
  readonly pages = [processPage(this.world), processPage(this.world)];
  at = 0;
  private readonly since = new Map<string, number>();
  /** By rule: seconds at which it held first since it did not, and at which it fired. */
  readonly held = new Map<string, number>();
  readonly fired = new Map<string, number>();

  async step(scene: Scene, n: number | undefined): Promise<void> {
    this.at += STEP_S;
    this.world.unsealedS = scene.unsealedS?.(n !== undefined);
    for (const [i, page] of this.pages.entries()) {
      if (i === 0) scene.tell(page, n);
      const dead = scene.down === true && i === 0 && n !== undefined;
      const target = { job: "tandem", instance: `host:${9400 + i}` };
      this.history.scrape(this.at, target, dead ? undefined : await page.text());
    }
    for (const { name, rule, waitS, summary } of RULES) {
      const samples = rule(this.history, this.at + ASKED_S);
      const keys = new Set(samples.map((s) => `${name} ${keyOf(s.labels)}`));
      for (const key of this.since.keys())
        if (key.startsWith(`${name} `) && !keys.has(key)) this.since.delete(key);
      for (const key of keys) {
        if (!this.since.has(key)) this.since.set(key, this.at);
        if (!this.held.has(name)) this.held.set(name, this.at);
        if (this.at - (this.since.get(key) ?? this.at) >= waitS && !this.fired.has(name))
          this.fired.set(name, this.at);
      }
      for (const { labels } of samples)
        for (const [, label = ""] of summary.matchAll(/\$labels\.(\w+)/g))
          assert.ok(label in labels, `${name}: ${label} is said and is not there`);
    }
  }
}

test("every alert has a scene", () => {
  assert.deepEqual(Object.keys(SCENES).sort(), RULES.map((r) => r.name).sort());
});

for (const { name, waitS, runbook } of RULES)
  test(`${name} fires when what it is about has lasted, and not before`, async () => {
    const scene = SCENES[name];
    assert.ok(scene);
    const server = new Server();
    const run = async (lastS: number, wrong: boolean): Promise<void> => {
      for (let n = 0; n < lastS / STEP_S; n++) await server.step(scene, wrong ? n : undefined);
    };
    await run(QUIET_S, false);
    assert.deepEqual([...server.fired.keys()], [], "at its threshold, nothing");
    if (!scene.lasting && waitS > 2 * STEP_S) {
      await run(waitS - STEP_S, true);
      await run(QUIET_S, false);
      assert.deepEqual([...server.fired.keys()], [], "it ended in time");
    }
    server.held.clear();
    const planted = server.at;
    await run((scene.seenS ?? STEP_S) + waitS + STEP_S, true);
    const [held, fired] = [server.held.get(name), server.fired.get(name)];
    assert.ok(held !== undefined && held - planted <= (scene.seenS ?? STEP_S), `held at ${held}`);
    assert.ok(fired !== undefined, `it held from ${held} on and never fired`);
    assert.equal(fired - held, Math.ceil(waitS / STEP_S) * STEP_S);
    assert.deepEqual([...server.fired.keys()], [name], "no other alert");
    const pages = [...file("docs/runbook.md").matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
      title
        .toLowerCase()
        .replaceAll(/[^\w -]/g, "")
        .replaceAll(" ", "-"),
    );
    assert.ok(runbook && pages.includes(runbook), `${runbook} is no page`);
  });

test("two failed runs of batch, or two failed passes of retention, are let through", async () => {
  const server = new Server();
  const scene: Scene = {
    tell: (t, n) => {
      if (n !== 0 && n !== 9) return;
      t.add("runs_total", 1, { state: "failed" });
      t.add("retention_failures_total", 1);
    },
  };
  for (let n = 0; n < 20; n++) await server.step(scene, undefined);
  for (let n = 0; n < 70; n++) await server.step(scene, n);
  assert.deepEqual([...server.held.keys()], []);
});

test("what is not of this PromQL is refused", () => {
  for (const expr of ["topk(3, up)", "up[5m] > 1", 'up{job!="x"}', "up > bool 1", "up )"])
    assert.throws(() => parseRule(expr), RangeError, expr);
});
