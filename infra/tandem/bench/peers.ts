// Goals S0 to S3: the production speed workers against peer engines on one topic of a broker, in turns, after all
// answers were checked against the truth; and B1 against Spark. PEERS=DIR names the kit that runs the peers (bench/README.md); without it
// nothing is measured.
import { join } from "node:path";
import type { Figure, Row } from "./figure.ts";
import { inFolder } from "./folder.ts";
import type { GoalKey } from "./goals.ts";
import { goalFigure } from "./measured.ts";
import { type Mark, PeersKit, printedBy } from "./peers-kit.ts";
import { againstSpark, type SparkRound } from "./peers-spark.ts";
import { median } from "./rounds.ts";

const EVENTS = Number(process.env["EVENTS"] ?? 5_000_000);
const ROUNDS = Number(process.env["ROUNDS"] ?? 3);
/** What people write first takes minutes a run. */
const IDIOMATIC = process.env["IDIOMATIC"] === "1";

const TUNED = ["kstreams-tuned", "flink-tuned-1"];
const COUNTING = ["floor-kafkajs", "floor-rdkafka", "floor-platformatic"];
const FIRST_WRITTEN = ["kstreams-idiomatic", "flink-idiomatic-1"];
const PEERS = [...TUNED, ...COUNTING, ...(IDIOMATIC ? FIRST_WRITTEN : [])];

const [FOREIGN, OWN] = ["tandem, plain JSON", "tandem, own records"] as const;

interface Spent {
  readonly cpuS: number;
  readonly wallS: number;
}

const between = ({ first, done }: { readonly first: Mark; readonly done: Mark }): Spent => ({
  wallS: done[0] - first[0],
  cpuS: done[1] - first[1],
});

/** What a program of ours prints behind a word. */
async function told<T>(word: string, script: string, args: readonly string[]): Promise<T> {
  const path = join(import.meta.dirname, script);
  const text = await printedBy(process.execPath, ["--no-warnings", path, ...args]);
  const line = text.split("\n").find((l) => l.startsWith(`${word} `));
  if (line === undefined) throw new Error(`${script} says nothing`);
  return JSON.parse(line.slice(word.length + 1)) as T;
}

export const peers: Row = async (say) => {
  const folder = process.env["PEERS"];
  if (!folder) {
    say("skipped: PEERS=DIR names the folder of the kit that runs the peers (bench/README.md)");
    return [];
  }
  const kit = new PeersKit(folder, EVENTS);
  await kit.start();
  try {
    return await inFolder(async (own) => [
      ...(await measured(kit, join(own, "groups.csv"), say)),
      await sparkFigure(kit, own, say),
    ]);
  } finally {
    await kit.stop();
  }
};

async function measured(
  kit: PeersKit,
  file: string,
  say: (line: string) => void,
): Promise<readonly Figure[]> {
  const { brokers } = kit;
  const ownTopic = `tandem-${kit.topic}`;
  const spent = new Map<string, Spent[]>();
  const wrong = new Map<string, string>();
  const note = (name: string, one: Spent): void => {
    spent.set(name, [...(spent.get(name) ?? []), one]);
    const rate = (s: number): string => `${Math.round(EVENTS / s / 1000)} k`;
    say(
      `${name.padEnd(22)} ${rate(one.cpuS)} events per CPU-second, ${rate(one.wallS)} per second`,
    );
  };
  const ours = async (name: string, topic: string, records: string): Promise<Spent> => {
    const args = [brokers, topic, String(EVENTS), file, records];
    const one = between(await told("BENCH", "peers-run.ts", args));
    const why = await kit.wrongOf(file);
    if (why !== undefined) wrong.set(name, why);
    return one;
  };
  for (let round = 0; round < ROUNDS; round++) {
    note(FOREIGN, await ours(FOREIGN, kit.topic, "foreign"));
    const args = [brokers, ownTopic, kit.eventsFile];
    const { cpuS } = await told<{ cpuS: number }>("COLLECT", "peers-collect.ts", args);
    const own = await ours(OWN, ownTopic, "own");
    say(
      `the collector's validation and framing: ${((cpuS * 1e6) / EVENTS).toFixed(2)} µs an event`,
    );
    note(OWN, { ...own, cpuS: own.cpuS + cpuS });
    for (const peer of PEERS) {
      const run = await kit.run(peer);
      // A client that is not compiled here is left out.
      if (run.error !== undefined) say(`${peer}: ${run.error.split("\n")[0]}`);
      else note(peer, between(run));
      if (run.check?.ok === false) wrong.set(peer, "the peer's answer is wrong");
    }
  }
  const perCpuS = (name: string): number[] => (spent.get(name) ?? []).map((s) => EVENTS / s.cpuS);
  const figure = (key: GoalKey, mine: string, theirs: readonly string[]): Figure[] => {
    const rates = theirs.map(perCpuS).filter((r) => r.length === ROUNDS);
    if (rates.length === 0) return [];
    const best = rates.reduce((a, b) => (median(b) > median(a) ? b : a));
    const own = perCpuS(mine);
    const runs = own.map((r, i) => r / best[i]!);
    const why = [mine, ...theirs].map((name) => wrong.get(name)).find((w) => w !== undefined);
    const taken = { ours: median(own), peer: median(best), runs };
    return [{ ...goalFigure("peers", key, taken), ...(why === undefined ? {} : { wrong: why }) }];
  };
  return [
    ...figure("S0", FOREIGN, FIRST_WRITTEN),
    ...figure("S1-foreign", FOREIGN, ["kstreams-tuned"]),
    ...figure("S1-own", OWN, ["kstreams-tuned"]),
    ...figure("S2-foreign", FOREIGN, ["flink-tuned-1"]),
    ...figure("S2-own", OWN, ["flink-tuned-1"]),
    ...figure("S3", FOREIGN, COUNTING),
  ];
}

async function sparkFigure(
  kit: PeersKit,
  folder: string,
  say: (line: string) => void,
): Promise<Figure> {
  const rounds: SparkRound[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const one = await againstSpark(kit, folder);
    rounds.push(one);
    say(`users by hour: ${one.oursCpuS.toFixed(2)} CPU-s, spark ${one.sparkCpuS.toFixed(2)}`);
  }
  const taken = {
    ours: median(rounds.map((r) => EVENTS / r.oursCpuS)),
    peer: median(rounds.map((r) => EVENTS / r.sparkCpuS)),
    runs: rounds.map((r) => r.sparkCpuS / r.oursCpuS),
  };
  const wrong = rounds.find((r) => r.wrong !== undefined)?.wrong;
  return { ...goalFigure("peers", "B1-Spark", taken), ...(wrong === undefined ? {} : { wrong }) };
}
