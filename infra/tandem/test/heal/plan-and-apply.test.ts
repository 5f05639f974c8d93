// A plan's write set is what apply writes, over generated edits of metrics and data (1,000 in the drill `heal`);
// a label edit recomputes nothing, and planning again after apply is empty.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { HealPlan } from "@tandem/batch-layer";
import { QueryEngine } from "@tandem/serving";
import {
  below,
  count,
  decimal,
  distinct,
  eventType,
  type Fingerprint,
  formatDecimal,
  groupText,
  type Metric,
  metric,
  parseDecimal,
  type Random,
  seededRandom,
  sum,
  text,
} from "@tandem/shared-logic";
import { DATASET, Stage, TENANT, type Told } from "../stories/stage.ts";
import { Healer } from "./heal-stage.ts";

const WORLDS = Number(process.env["HEAL_WORLDS"] ?? 5);
const SEED = Number(process.env["SEED"] ?? 1);
const EDITS = 20;
const DAY = "2026-03-02";
const SETS = [[], [["event_type"]], [["event_type"], ["properties.price"]]] as const;
const TYPES = ["a", "b", "purchase"];

/** What decides a metric, and its title. */
interface Draft {
  title: string;
  kind: "count" | "sum" | "distinct";
  where: string | undefined;
  selector: string;
  scale: number;
  by: number;
  /** Raised where an edit would be taken back: that has a run already. */
  nonce: number;
}

const made = (name: string, d: Draft): Metric =>
  metric({
    name,
    title: d.title,
    unit: "things",
    version: 1,
    ...(d.where === undefined ? {} : { where: eventType(d.where) }),
    reducer:
      d.kind === "count"
        ? count({ grains: ["hour"] })
        : d.kind === "sum"
          ? sum(decimal("properties.price", { scale: d.scale }), { grains: ["hour"] })
          : distinct(text(d.selector)),
    by: SETS[d.by] ?? [],
    limit: 1000 + d.nonce,
    examples: [],
  });

type Edit = "label" | "selector" | "filter" | "parameter" | "grouping" | "late";
const KINDS: readonly Edit[] = ["label", "selector", "filter", "parameter", "grouping", "late"];

/** Changes one draft in place; `late` and what cannot be edited so fall to `late` data. */
function edit(random: Random, drafts: Draft[]): { kind: Edit; at: number } {
  const at = below(random, drafts.length);
  const kind = KINDS[below(random, KINDS.length)] ?? "late";
  const d = drafts[at] as Draft;
  if (kind === "label") d.title += "!";
  else if (kind === "filter") d.where = d.where === undefined ? TYPES[below(random, 3)] : undefined;
  else if (kind === "grouping") d.by = (d.by + 1) % SETS.length;
  else if (kind === "selector" && d.kind === "distinct")
    d.selector = d.selector === "user" ? "event_type" : "user";
  else if (kind === "parameter" && d.kind === "sum") d.scale = d.scale === 2 ? 3 : 2;
  else return { kind: "late", at };
  return { kind, at };
}

function randomEvent(random: Random, n: number): Told {
  const hour = String(below(random, 24)).padStart(2, "0");
  return {
    id: `e${n}`,
    at: `${DAY}T${hour}:15:00Z`,
    type: TYPES[below(random, 3)] ?? "a",
    user: `u${below(random, 4)}`,
    // Some are beyond a scale of 2, and skipped by it.
    ...(below(random, 2) === 0 ? { price: below(random, 30) / 8 } : {}),
  };
}

type Shown = Map<string, string>;

/** Every cell that batch alone answers with: by metric, group and window; nothing and 0 are one. */
async function shownBy(stage: Stage, metrics: readonly Metric[]): Promise<Shown> {
  const engine = new QueryEngine({ ...stage.ports, metrics, dataset: DATASET });
  const shown: Shown = new Map();
  for (const m of metrics) {
    for (const dims of m.sets) {
      for (const grain of m.reducer.grains) {
        const params = { from: DAY, until: "2026-03-03", grain, layer: "batch", by: [...dims] };
        const result = await engine.query(params, m.name, TENANT);
        if (!result.ok) throw new RangeError(JSON.stringify(result.problem));
        for (const p of result.answer.points) {
          const group = groupText(dims.map((d) => p.by?.[d] ?? null));
          const key = `${m.name} ${dims.join()} ${group} ${grain} ${p.from}`;
          if (p.value !== null && Number(p.value) !== 0) shown.set(key, String(p.value));
        }
      }
    }
  }
  return shown;
}

/** The plan's changes as pairs, by the same keys. */
function writeSet(plan: HealPlan): Map<string, string> {
  const set = new Map<string, string>();
  const say = (value: string | null | undefined): string => {
    const d = value === null || value === undefined ? undefined : parseDecimal(value);
    return d && d.units !== 0n ? formatDecimal(d) : "0";
  };
  for (const m of plan.metrics) {
    for (const c of m.changes) {
      if (say(c.before) === say(c.after)) continue;
      const from = new Date(c.window.from).toISOString().replace(".000Z", "Z");
      set.set(
        `${m.metric} ${c.dims.join()} ${c.group} ${c.grain} ${from}`,
        `${say(c.before)} -> ${say(c.after)}`,
      );
    }
  }
  return set;
}

function difference(before: Shown, after: Shown): Map<string, string> {
  const found = new Map<string, string>();
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [a, b] = [before.get(key) ?? "0", after.get(key) ?? "0"];
    if (a !== b) found.set(key, `${a} -> ${b}`);
  }
  return found;
}

const sorted = (map: Map<string, string>): string[] => [...map].map(String).sort();

test("the plan's write set is what apply wrote", async (t) => {
  const done: Record<Edit, number> = {
    label: 0,
    selector: 0,
    filter: 0,
    parameter: 0,
    grouping: 0,
    late: 0,
  };
  let sent = 0;
  for (let seed = SEED; seed < SEED + WORLDS; seed++) {
    const random = seededRandom(seed);
    const drafts: Draft[] = [
      { title: "C", kind: "count", where: undefined, selector: "", scale: 0, by: 1, nonce: 0 },
      { title: "S", kind: "sum", where: "purchase", selector: "", scale: 2, by: 0, nonce: 0 },
      {
        title: "D",
        kind: "distinct",
        where: undefined,
        selector: "user",
        scale: 0,
        by: 1,
        nonce: 0,
      },
    ];
    const metricsNow = (): Metric[] => drafts.map((d, i) => made(`m${i}`, d));
    let metrics = metricsNow();
    const stage = await Stage.at("2026-03-03T00:10:00Z", metrics);
    for (let i = 0; i < 5; i++) await stage.send(randomEvent(random, sent++));
    await new Healer(stage, metrics).heal(DAY);
    const seen = new Set(metrics.map((m) => m.fingerprint));
    let shown = await shownBy(stage, metrics);
    for (let n = 0; n < EDITS; n++) {
      const { kind, at } = edit(random, drafts);
      if (kind === "late")
        for (let i = below(random, 3); i >= 0; i--) await stage.send(randomEvent(random, sent++));
      const edited = kind !== "label" && kind !== "late";
      if (edited && seen.has(metricsNow()[at]?.fingerprint as Fingerprint)) drafts[at]!.nonce++;
      metrics = metricsNow();
      for (const m of metrics) seen.add(m.fingerprint);
      const healer = new Healer(stage, metrics);
      const plan = await healer.plan(DAY);
      const where = `seed ${seed}, edit ${n}: ${kind} of m${at}`;
      if (kind === "label") assert.deepEqual([plan.run, healer.tasks], [undefined, 0], where);
      else assert.ok(plan.run !== undefined, where);
      if (plan.run !== undefined) {
        assert.equal((await healer.apply(plan)).state, "applied", where);
        const after = await shownBy(stage, metrics);
        assert.deepEqual(sorted(writeSet(plan)), sorted(difference(shown, after)), where);
        shown = after;
      }
      const again = new Healer(stage, metrics);
      const empty = await again.plan(DAY);
      assert.deepEqual([empty.run, empty.metrics, again.tasks], [undefined, [], 0], where);
      done[kind]++;
    }
  }
  for (const kind of KINDS) assert.ok(done[kind] > WORLDS / 2, JSON.stringify(done));
  t.diagnostic(`seeds ${SEED} to ${SEED + WORLDS - 1}: ${JSON.stringify(done)}`);
});
