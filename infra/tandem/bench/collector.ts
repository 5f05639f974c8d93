// The collector (validation, a durable log) against a bare node:http server that reads the same body and
// answers 202; fastify and Express, which parse the JSON and keep nothing, for information. Server and
// client are processes of their own; with two cores each has one.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import autocannon from "autocannon";
import type { Figure, Row } from "./figure.ts";
import { inFolder } from "./folder.ts";
import { goalFigure } from "./measured.ts";
import { median } from "./rounds.ts";
import { makeWorkload } from "./workload.ts";

const ROUNDS = Number(process.env["ROUNDS"] ?? 5);
const SECONDS = 2;
const EVENTS_A_REQUEST = 20;
const CONNECTIONS = 32;
const NAMES = ["bare", "tandem", "fastify", "express"] as const;

interface Server {
  readonly child: ChildProcess;
  readonly url: string;
  readonly key: string;
}
interface Load {
  readonly perSecond: number;
  readonly cpuS: number;
  readonly p99Ms: number;
}

async function start(name: string, folder: string): Promise<Server> {
  const child = fork(join(import.meta.dirname, "http-server.ts"), [name, join(folder, name)], {
    execArgv: ["--no-warnings"],
  });
  const [{ url, key }] = (await once(child, "message")) as [{ url: string; key: string }];
  return { child, url, key };
}

async function cpuSeconds(child: ChildProcess): Promise<number> {
  child.send("cpu");
  const [seconds] = (await once(child, "message")) as [number];
  return seconds;
}

async function load(server: Server, body: string): Promise<Load & { readonly failed: number }> {
  const before = await cpuSeconds(server.child);
  const result = await autocannon({
    url: `${server.url}/events`,
    method: "POST",
    connections: CONNECTIONS,
    duration: SECONDS,
    headers: { "content-type": "application/json", authorization: `Bearer ${server.key}` },
    body,
  });
  const cpuS = (await cpuSeconds(server.child)) - before;
  const done = result["2xx"];
  return {
    perSecond: done / result.duration,
    cpuS: cpuS / done,
    p99Ms: result.latency.p99,
    failed: result.non2xx + result.errors,
  };
}

export const collector: Row = (say) =>
  inFolder(async (folder) => {
    const w = makeWorkload(EVENTS_A_REQUEST, 1);
    const lines = Buffer.from(w.bytes).toString().trim().split("\n");
    // Times of now: older ones are late and that is another path.
    const now = new Date().toISOString();
    const fresh = lines.map((line) => line.replace(/"timestamp":"[^"]*"/, `"timestamp":"${now}"`));
    const body = `[${fresh.join(",")}]`;
    const servers = new Map<string, Server>();
    for (const name of NAMES) servers.set(name, await start(name, folder));
    const loads = new Map<string, Load[]>(NAMES.map((name) => [name, []]));
    let failed = 0;
    for (let round = -1; round < ROUNDS; round++) {
      for (const name of NAMES) {
        const one = await load(servers.get(name)!, body);
        if (round >= 0) loads.get(name)!.push(one);
        if (name === "tandem") failed += one.failed;
      }
    }
    for (const { child } of servers.values()) {
      child.kill();
      await once(child, "exit");
    }
    const of = (name: string, what: keyof Load): readonly number[] =>
      loads.get(name)!.map((l) => l[what]);
    for (const name of NAMES) {
      const [rate, cpu] = [median(of(name, "perSecond")), median(of(name, "cpuS"))];
      say(
        `${name.padEnd(8)} ${Math.round(rate)} requests/s, ${(cpu * 1e6).toFixed(0)} µs server CPU a request, p99 ${median(of(name, "p99Ms"))} ms`,
      );
    }
    const against = (other: string, what: "perSecond" | "cpuS"): number => {
      const [mine, theirs] = [of("tandem", what), of(other, what)];
      return median(mine.map((m, i) => (what === "cpuS" ? theirs[i]! / m : m / theirs[i]!)));
    };
    return (["bare", "fastify", "express"] as const).map((other): Figure => {
      const [mine, theirs] = [of("tandem", "perSecond"), of(other, "perSecond")];
      const taken = {
        ours: median(mine),
        peer: median(theirs),
        runs: mine.map((m, i) => m / theirs[i]!),
      };
      const note = `per server CPU-second ${against(other, "cpuS").toFixed(2)} x`;
      return {
        ...goalFigure("collector", `C1-${other}`, taken, note),
        ...(failed > 0 ? { wrong: `${failed} requests failed` } : {}),
      };
    });
  });
