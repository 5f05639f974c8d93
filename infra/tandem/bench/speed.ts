// Goal S4: the speed layer against JSON.parse alone over the same bytes, line by line. Two kinds of log: our own
// records with their header, and a foreign topic's plain JSON, which the scanner validates in full.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { countArrayBytesWithHeap } from "@tandem/adapters/stack";
import { checkSpeed } from "./check-speed.ts";
import type { Figure, Row } from "./figure.ts";
import { inFolder } from "./folder.ts";
import type { GoalKey } from "./goals.ts";
import { batchesOf, foreignRecords, HeldLog, ownRecords } from "./held-log.ts";
import { goalFigure } from "./measured.ts";
import { parseLines } from "./parse-lines.ts";
import { inTurn, medians, ratio, type Spent } from "./rounds.ts";
import { benchMetrics, openSpeedRun, type SpeedRun } from "./speed-run.ts";
import { truthOf } from "./truth.ts";
import { makeWorkload } from "./workload.ts";

const EVENTS = Number(process.env["EVENTS"] ?? 5_000_000);
const ROUNDS = Number(process.env["ROUNDS"] ?? 5);

/** What a page's context adds to an event, so that it has about 1 KB. */
const CONTEXT = `"context":{"ip":"203.0.113.7","locale":"en-US","user_agent":"${"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 ".repeat(4)}","page":{"url":"https://shop.example/${"catalog/outdoor/camping/".repeat(8)}","title":"${"Tents and more ".repeat(10)}"},"screen":{"width":1920,"height":1080}}`;

export const speed: Row = async (say) => {
  countArrayBytesWithHeap();
  return [
    ...(await measured(say, "S4-282B", EVENTS, "")),
    // Of five million as many as have places of 31 bits.
    ...(await measured(say, "S4-1KB", Math.ceil(EVENTS * 0.4), CONTEXT)),
  ];
};

const measured = (say: (line: string) => void, key: GoalKey, events: number, context: string) =>
  inFolder(async (folder): Promise<readonly Figure[]> => {
    const w = makeWorkload(events, Number(process.env["SEED"] ?? 1), undefined, context);
    const truth = truthOf(w);
    const size = Math.round(w.bytes.length / w.count) - 1;
    say(`${w.count} events of ${size} bytes, ${w.copies} copies, ${truth.counts.size} cells`);
    const kinds = {
      own: { metrics: await benchMetrics("metrics"), batches: batchesOf(ownRecords(w)) },
      foreign: {
        metrics: await benchMetrics("metrics-foreign"),
        batches: batchesOf(foreignRecords(w)),
      },
    };
    const wrong: Record<string, string | undefined> = {};
    let runs = 0;
    const contender = (kind: keyof typeof kinds) => {
      let open: SpeedRun | undefined;
      const { metrics, batches } = kinds[kind];
      const close = async (): Promise<void> => {
        if (open) wrong[kind] ??= await checkSpeed(open.views, metrics, truth, kind === "foreign");
        await open?.close();
        open = undefined;
      };
      const prepare = async () => {
        await close();
        const path = join(folder, `${kind}-${runs++}`);
        await mkdir(path);
        const run = await openSpeedRun(path, new HeldLog(batches), metrics);
        open = run;
        return () => run.work();
      };
      return { prepare, close };
    };
    const [own, foreign] = [contender("own"), contender("foreign")];
    const contenders = {
      json: async () => () => void parseLines(w.bytes),
      own: own.prepare,
      foreign: foreign.prepare,
    };
    const times = await inTurn(ROUNDS, contenders, { collect: false });
    await own.close();
    await foreign.close();
    const rate = (t: readonly Spent[]): string => {
      const m = medians(t);
      const k = (s: number): string => `${Math.round(w.count / s / 1000)} k`;
      return `${k(m.cpuS)} events per CPU-second, ${k(m.wallS)} per second`;
    };
    say(`JSON.parse: ${rate(times.json)}`);
    const perCpuS = (t: readonly Spent[]): number => w.count / medians(t).cpuS;
    return (["own", "foreign"] as const).map((kind): Figure => {
      say(`${kind} records: ${rate(times[kind])}`);
      const [cpu, wall] = [ratio(times.json, times[kind]), ratio(times.json, times[kind], "wallS")];
      const bad = wrong[kind];
      const note = `wall ${wall.toFixed(2)} x`;
      const figure: Figure =
        kind === "foreign"
          ? goalFigure(
              "speed",
              key,
              {
                ours: perCpuS(times.foreign),
                peer: perCpuS(times.json),
                runs: times.foreign.map((t, i) => times.json[i]!.cpuS / t.cpuS),
              },
              note,
            )
          : {
              row: "speed",
              what: `own records of ${size} B, CPU, against JSON.parse`,
              goal: ">= 1.00 x",
              figure: `${cpu.toFixed(2)} x (${note})`,
              met: cpu >= 1,
            };
      return { ...figure, ...(bad === undefined ? {} : { wrong: bad }) };
    });
  });
