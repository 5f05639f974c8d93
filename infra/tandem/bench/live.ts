// What 1,000 open live streams cost the process that serves them, all layers in it: processor time while nothing
// happens and while an event arrives twice a second, and how long each stream waits for it after its 202. Every
// stream must end with the number that the query API gives.
import { fork } from "node:child_process";
import { once } from "node:events";
import { Agent, get, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { DAY_MS } from "@tandem/shared-logic";
import type { Row } from "./figure.ts";
import { inFolder } from "./folder.ts";

const STREAMS = 1000;
const OPEN_AT_ONCE = 50;
const QUIET_MS = 8000;
const EVENTS = 30;
const EVERY_MS = 500;
const GOAL_MS = 500;

interface Reader {
  /** The day's total, as last told. */
  value: number;
}

export const live: Row = (say) =>
  inFolder(async (folder) => {
    const child = fork(join(import.meta.dirname, "latency-server.ts"), [folder], {
      execArgv: ["--no-warnings"],
    });
    const ask = async <T>(message: string): Promise<T> => {
      child.send(message);
      return ((await once(child, "message")) as [T])[0];
    };
    const cpuS = async (): Promise<number> => (await ask<{ cpuS: number }>("cpu")).cpuS;
    const [{ url, key }] = (await once(child, "message")) as [{ url: string; key: string }];
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const day = Math.floor(Date.now() / DAY_MS) * DAY_MS;
    const iso = (ms: number): string => new Date(ms).toISOString();
    const range = `from=${iso(day)}&until=${iso(day + DAY_MS)}&grain=hour`;
    const totalOf = (points: readonly { value: number | string | null }[]): number =>
      points.reduce((sum, p) => sum + Number(p.value ?? 0), 0);

    let posted = 0;
    async function postOne(): Promise<void> {
      const event = {
        event_id: `live-${posted++}`,
        event_type: "view",
        timestamp: Math.max(Date.now(), day),
        user_id: "u",
      };
      const answer = await fetch(`${url}/events`, {
        method: "POST",
        headers,
        body: JSON.stringify(event),
      });
      if (answer.status !== 202) throw new RangeError(`${answer.status}: ${await answer.text()}`);
      await answer.arrayBuffer();
    }

    const acceptedAt: number[] = [];
    const waitsMs: number[] = [];
    function told(reader: Reader, text: string): void {
      const now = performance.now();
      for (const [, event, data] of text.matchAll(/event: (reset|cells)\ndata: (.*)\n\n/g)) {
        const { points } = JSON.parse(data ?? "") as { points: { value: number }[] };
        // The hour's point alone changes, so that a change is the hour's number.
        const value = event === "reset" ? totalOf(points) : (points.at(-1)?.value ?? reader.value);
        for (let i = reader.value; i < value; i++) {
          const at = acceptedAt[i];
          if (at !== undefined) waitsMs.push(now - at);
        }
        reader.value = Math.max(reader.value, value);
      }
    }

    const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
    async function open(): Promise<Reader> {
      const asked = get(`${url}/metrics/events/live?${range}`, { headers, agent });
      const [answer] = (await once(asked, "response")) as [IncomingMessage];
      if (answer.statusCode !== 200) throw new RangeError(`stream refused: ${answer.statusCode}`);
      const reader: Reader = { value: 0 };
      let text = "";
      answer.setEncoding("utf8");
      answer.on("error", () => undefined);
      answer.on("data", (chunk: string) => {
        text += chunk;
        const end = text.lastIndexOf("\n\n") + 2;
        if (end < 2) return;
        told(reader, text.slice(0, end));
        text = text.slice(end);
      });
      return reader;
    }

    await postOne();
    const readers: Reader[] = [];
    const beganCpu = await cpuS();
    while (readers.length < STREAMS)
      readers.push(...(await Promise.all(Array.from({ length: OPEN_AT_ONCE }, open))));
    const openedCpu = (await cpuS()) - beganCpu;
    await pause(2000);
    let since = await cpuS();
    await pause(QUIET_MS);
    const quietShare = ((await cpuS()) - since) / (QUIET_MS / 1000);
    since = await cpuS();
    const wall = performance.now();
    for (let i = 0; i < EVENTS; i++) {
      await postOne();
      acceptedAt[posted - 1] = performance.now();
      await pause(EVERY_MS);
    }
    await pause(2000);
    const busyShare = ((await cpuS()) - since) / ((performance.now() - wall) / 1000);
    const answered = (await (
      await fetch(`${url}/metrics/events?${range}`, { headers })
    ).json()) as { points: { value: number | string | null }[] };
    const truth = totalOf(answered.points);
    const wrong = readers.filter((r) => r.value !== truth).length;
    agent.destroy();
    child.kill();
    await once(child, "exit");
    waitsMs.sort((a, b) => a - b);
    const at = (p: number): number => waitsMs[Math.floor((waitsMs.length - 1) * p)] ?? Number.NaN;
    const p99 = at(0.99);
    say(
      `${readers.length} streams opened for ${openedCpu.toFixed(2)} CPU-s; ${waitsMs.length} waits`,
    );
    const perMessage = ((busyShare - quietShare) * EVERY_MS * 1000) / STREAMS;
    return [
      {
        row: "live",
        what: `${STREAMS} open streams, nothing happens`,
        goal: "",
        figure: `${(quietShare * 100).toFixed(1)} % of a core`,
      },
      {
        row: "live",
        what: `${STREAMS} open streams, an event every ${EVERY_MS} ms`,
        goal: "<= 1 core",
        figure: `${(busyShare * 100).toFixed(0)} % of a core, ${perMessage.toFixed(0)} µs a message`,
        met: busyShare <= 1,
        ...(wrong > 0
          ? { wrong: `${wrong} streams ended with another number than the query` }
          : {}),
      },
      {
        row: "live",
        what: "accepted to pushed, all streams",
        goal: `p99 <= ${GOAL_MS} ms`,
        figure: `p50 ${at(0.5).toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, max ${at(1).toFixed(0)} ms`,
        met: p99 <= GOAL_MS,
        ...(waitsMs.length === STREAMS * EVENTS
          ? {}
          : { wrong: `${waitsMs.length} of ${STREAMS * EVENTS} changes arrived` }),
      },
    ];
  });
