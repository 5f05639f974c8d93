// Kills a whole Tandem at random moments, again and again on one directory, and holds what every next life
// finds in the log against what was acknowledged and against every earlier life: an offset never changes
// what it holds, and nothing acknowledged is ever gone.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { below, HOUR_MS, type Random, seededRandom } from "@tandem/shared-logic";
import { type Counters, sumOfCounters } from "@tandem/speed-layer";

const CHILD = fileURLToPath(new URL("./crash-child.ts", import.meta.url));
/** A life that says nothing for so long hangs. */
const SILENCE_MS = 60_000;

export interface CrashReport {
  readonly baseMs: number;
  readonly kills: number;
  /** Lives that were killed before they were ready. */
  readonly early: number;
  readonly acknowledged: ReadonlySet<string>;
  readonly ends: readonly number[];
  /** Finished while alive, by kind. */
  readonly did: Readonly<Record<string, number>>;
}

interface Said {
  readonly lines: readonly (readonly [string, unknown])[];
  readonly ready: boolean;
}

/** One life: started, killed `afterMs` after it opens the directory or after it is ready. */
async function live(args: readonly string[], phase: "opening" | "ready", afterMs: number) {
  const child = spawn(process.execPath, [CHILD, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), "tandem-crash-cache") },
  });
  let [out, err] = ["", ""];
  const reached = new Promise<void>((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
      if (out.includes(`["${phase}"`)) resolve();
    });
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  const gone = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const stop = new AbortController();
  const silence = sleep(SILENCE_MS, "silence", { signal: stop.signal }).catch(() => "stopped");
  await Promise.race([reached, gone, silence]);
  if (child.exitCode === null) await sleep(afterMs);
  stop.abort();
  const alive = child.exitCode === null;
  child.kill("SIGKILL");
  await gone;
  assert.ok(alive, `the process ended by itself: ${err}\n${out.slice(-2000)}`);
  // The last line may be cut off.
  const whole = out.slice(0, out.lastIndexOf("\n") + 1);
  const lines = whole
    .split("\n")
    .filter((l) => l !== "")
    .map((l) => JSON.parse(l) as [string, unknown]);
  return { lines, ready: lines.some(([what]) => what === "ready") } satisfies Said;
}

interface LogReport {
  readonly partition: number;
  readonly end: number;
  readonly crc: number;
  readonly known: number;
  readonly fresh: readonly (readonly [number, string | null])[];
}

/** What the parent remembers over all lives of a directory. */
class Witness {
  readonly acknowledged = new Set<string>();
  readonly did: Record<string, number> = {};
  ends: number[] = [0, 0];
  private readonly crcs = [0, 0];
  private readonly logged = new Set<string>();

  hear({ lines, ready }: Said): void {
    const errors = lines.filter(([what]) => what === "error").map(([, e]) => String(e));
    assert.deepEqual(errors, []);
    if (ready) {
      for (const [what, value] of lines) if (what === "log") this.compare(value as LogReport);
      for (const id of this.acknowledged) assert.ok(this.logged.has(id), `${id} is gone`);
    }
    for (const [what, value] of lines) {
      if (what === "ready") this.account(value as { offset: number; counters: Counters }[]);
      if (what === "ack") for (const id of value as string[]) this.acknowledged.add(id);
      if (what === "did") {
        const kind = Number(value) < 4 ? "cut" : Number(value) < 8 ? "batch" : "other";
        this.did[kind] = (this.did[kind] ?? 0) + 1;
      }
    }
  }

  private compare(log: LogReport): void {
    const p = log.partition;
    assert.ok(log.end >= (this.ends[p] ?? 0), `partition ${p} ends at ${log.end}, was longer`);
    assert.equal(log.known, this.crcs[p], `partition ${p} holds something else below its old end`);
    this.ends[p] = log.end;
    this.crcs[p] = log.crc;
    for (const [, id] of log.fresh) if (id !== null) this.logged.add(id);
  }

  private account(workers: readonly { offset: number; counters: Counters }[]): void {
    for (const [p, w] of workers.entries()) {
      assert.equal(sumOfCounters(w.counters), w.offset, `accounting of partition ${p}`);
      assert.ok(w.offset <= (this.ends[p] ?? 0));
    }
  }
}

export async function crashDirectory(
  dir: string,
  kills: number,
  seed: number,
): Promise<CrashReport> {
  const random: Random = seededRandom(seed);
  const baseMs = Date.now() - 19 * HOUR_MS;
  const witness = new Witness();
  let early = 0;
  for (let life = 0; life < kills; life++) {
    const opening = below(random, 4) === 0;
    const longMs = below(random, 10) === 0 ? 1500 : 400;
    const afterMs = opening ? below(random, 80) : 5 + below(random, longMs);
    const args = [dir, life, baseMs, random.u32(), JSON.stringify(witness.ends)].map(String);
    const said = await live(args, opening ? "opening" : "ready", afterMs);
    if (!said.ready) early++;
    witness.hear(said);
  }
  const { acknowledged, ends, did } = witness;
  return { baseMs, kills, early, acknowledged, ends, did };
}
