// Interleavings of operations: all up to a length from a given beginning, and longer ones that a seed chooses.
// A case is one interleaving, after whose last operation every question is asked; its beginnings are cases too.
import { below, dayKey, seededRandom } from "@tandem/shared-logic";
import { emptyState, OPERATIONS } from "./operations.ts";
import { type Asked, checkAll, rowOfDay } from "./questions.ts";
import { Broken, type BrokenRule } from "./rules.ts";
import { DATASET, DAYS, METRICS, type State } from "./universe.ts";

/** Where enumeration begins: nothing there, late events above runs, two runs of a day. */
export const BEGINNINGS: readonly (readonly string[])[] = [
  [],
  ["a", "b", "fold", "ok", "a"],
  ["a", "c", "fold", "ok", "b", "fold", "ok"],
];
const NAMES = Object.keys(OPERATIONS);

export interface Explored {
  cases: number;
  readonly asked: Asked;
  violation: { readonly path: readonly string[]; readonly what: Broken } | undefined;
}

export const nothingExplored = (): Explored => ({
  cases: 0,
  asked: { points: 0, exact: 0, missing: 0, both: 0, asOf: 0, open: 0, again: 0 },
  violation: undefined,
});

/** One operation, the clock, and every question; undefined where it changes nothing. */
async function step(
  state: State,
  name: string,
  rule: BrokenRule | undefined,
  into: Explored,
): Promise<State | undefined> {
  const now = { ...state, tick: state.tick + 1 };
  const next = await OPERATIONS[name]?.(now, rule);
  if (next === undefined) return undefined;
  checkLedger(state, next, name);
  const shown = new Map<string, string>();
  for (const day of DAYS) {
    const { entries } = rowOfDay(next, day);
    for (const m of METRICS) {
      const run = entries[m.fingerprint]?.run;
      if (run !== undefined) shown.set(`${m.fingerprint}|${day}`, run);
    }
  }
  const versions = DAYS.map((day) => next.ledger.get(dayKey(DATASET, day))?.version ?? 0);
  shown.set("ledger", versions.join());
  const told = { ...next, shown: [...next.shown, shown] };
  into.cases++;
  await checkAll(told, rule, into.asked);
  return told;
}

/** V goes back, and a pinned day changes, by an operator alone. */
function checkLedger(before: State, after: State, name: string): void {
  if (before.ledger === after.ledger || name.startsWith("back")) return;
  for (const day of DAYS) {
    const [was, is] = [rowOfDay(before, day), rowOfDay(after, day)];
    for (const { fingerprint: fp, name: metric } of METRICS) {
      const [old, now] = [was.entries[fp], is.entries[fp]];
      if (!old) continue;
      if (!now) throw new Broken("ledger", `${metric} of day ${day} lost its run by ${name}`);
      if (old.v.some((v, p) => (now.v[p] ?? 0) < v))
        throw new Broken("ledger", `V of ${metric}, day ${day}, went back by ${name}`);
      if (old.pinned && now.run !== old.run)
        throw new Broken("ledger", `${metric} of day ${day} is pinned and changed by ${name}`);
    }
  }
}

/** Plays operations one after the other; those that change nothing are passed over. */
export async function play(
  names: readonly string[],
  rule: BrokenRule | undefined,
  into: Explored,
): Promise<State> {
  let state = emptyState();
  for (const [i, name] of names.entries()) {
    try {
      state = (await step(state, name, rule, into)) ?? state;
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      into.violation ??= { path: names.slice(0, i + 1), what: error };
      return state;
    }
  }
  return state;
}

/** Every interleaving of up to `length` operations behind a beginning; stops at the first violation. */
export async function exhaust(
  beginning: readonly string[],
  length: number,
  into: Explored,
  rule?: BrokenRule,
): Promise<void> {
  const go = async (state: State, path: readonly string[]): Promise<void> => {
    if (path.length === beginning.length + length) return;
    for (const name of NAMES) {
      if (into.violation) return;
      try {
        const next = await step(state, name, rule, into);
        if (!next) continue;
        await go(next, [...path, name]);
      } catch (error) {
        if (!(error instanceof Broken)) throw error;
        into.violation ??= { path: [...path, name], what: error };
      }
    }
  };
  const state = await play(beginning, rule, into);
  if (!into.violation) await go(state, beginning);
}

const LONG = 24;
/** At the end everything is let go, sealed and folded: what is then not lost must be exact. */
const SETTLED = ["unpin", "rest", "ok", "fold"];

export function pathOf(seed: number): string[] {
  const random = seededRandom(seed);
  const path = Array.from({ length: LONG }, () => NAMES[below(random, NAMES.length)] ?? "a");
  return [...path, ...SETTLED];
}

export async function sample(seed: number, into: Explored, rule?: BrokenRule): Promise<void> {
  const path = pathOf(seed);
  const state = await play(path, rule, into);
  if (into.violation) return;
  const lost = state.manifest.some((list) => list.some((e) => e.lost));
  const { asked } = nothingExplored();
  await checkAll(state, rule, asked, true);
  if (!lost && (asked.open > 0 || (state.sent > 0 && asked.exact === 0)))
    into.violation = { path, what: new Broken("settled", `${asked.open} points are not exact`) };
}

/** Fewer operations that break the same invariant. */
export async function shrunk(path: readonly string[], rule?: BrokenRule): Promise<string[]> {
  const broken = async (names: readonly string[]): Promise<string | undefined> => {
    const found = nothingExplored();
    await play(names, rule, found);
    return found.violation?.what.promised;
  };
  const promised = await broken(path);
  let small = [...path];
  for (let i = 0; i < small.length; ) {
    const rest = small.toSpliced(i, 1);
    if ((await broken(rest)) === promised) small = rest;
    else i++;
  }
  return small;
}

export interface Caught {
  readonly seed: number | undefined;
  readonly path: readonly string[];
  readonly what: Broken;
}

/** Looks for a broken rule: short interleavings, then seeds. */
export async function hunt(rule: BrokenRule, seeds: number): Promise<Caught | undefined> {
  const found = nothingExplored();
  for (const beginning of BEGINNINGS)
    if (!found.violation) await exhaust(beginning, 2, found, rule);
  let seed = 0;
  while (!found.violation && seed < seeds) await sample(++seed, found, rule);
  return found.violation && { seed: seed || undefined, ...found.violation };
}

/** What broke, the shortest way there that was found, and what to type to see it again. */
export async function story(
  { path, what }: Pick<Caught, "path" | "what">,
  seed?: number,
): Promise<string> {
  const small = what.promised === "settled" ? path : await shrunk(path);
  const again =
    seed === undefined
      ? ""
      : ` again: node infra/tandem/drill/main.ts model --from ${seed} --seeds 1`;
  return `${what.message}; by ${small.join(" ")}.${again}`;
}
