// All layers in one process on a folder: an event that was posted is pushed, a heal of its day flips the point, and
// a stop tells every reader and does not wait for them.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { keyMaking, systemClock } from "@tandem/adapters/embedded";
import { type LiveMessage, live } from "@tandem/client";
import { createKey, ledgerKeyStore } from "@tandem/shared-logic";
import { startTandem } from "../../src/start-tandem.ts";

const TOLD = { timeout: 60_000 };

test(
  "a posted event is pushed, a batch run flips its point, a stop says closing",
  TOLD,
  async (t) => {
    const dataDir = mkdtempSync(join(tmpdir(), "tandem-live-"));
    t.after(() => rmSync(dataDir, { recursive: true, force: true }));
    const clock = systemClock();
    const { tandem, url, stop } = await startTandem({
      host: "127.0.0.1",
      port: 0,
      parts: ["collect", "speed", "archive", "serve"],
      dataDir,
      metricFolders: [],
      tandem: { threads: 0 },
      clock,
      onError: (error) => assert.fail(String(error)),
    });
    const keys = ledgerKeyStore(tandem.ports.views);
    const wanted = { tenant: "shop", scopes: ["write", "read"] as const };
    const { presented: key } = await createKey(keys, keyMaking, wanted, clock.now());
    const at = new Date(clock.now()).toISOString();
    const day = at.slice(0, 10);
    const next = new Date(Date.parse(day) + 86_400_000).toISOString();
    const messages = live({
      url: `${url}/live?metrics=events&from=${day}T00:00:00Z&until=${next}&grain=day`,
      key,
    });
    /** The first message, within some, of which this holds. */
    async function until(holds: (m: LiveMessage) => boolean): Promise<LiveMessage> {
      for (;;) {
        const { value, done } = await messages.next();
        if (done) throw new RangeError("the stream is over");
        if (holds(value)) return value;
      }
    }
    const point = (m: LiveMessage) => ("points" in m ? m.points[0] : undefined);
    assert.equal(point(await until((m) => m.event === "reset"))?.value, 0);
    const answer = await fetch(`${url}/events`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ event_id: "e", event_type: "view", timestamp: at, user_id: "ann" }),
    });
    assert.equal(answer.status, 202);
    const accepted = performance.now();
    assert.equal(point(await until((m) => point(m)?.value === 1))?.layer, "speed");
    const tookMs = performance.now() - accepted;
    assert.ok(tookMs < 2000, `${tookMs} ms`);
    await tandem.runBatch({ includeOpen: true });
    const sealed = point(await until((m) => point(m)?.layer === "batch"));
    assert.deepEqual([sealed?.value, sealed?.exact], [1, true]);
    const stopping = performance.now();
    const stopped = stop();
    assert.deepEqual(await until((m) => m.event === "end"), { event: "end", why: "closing" });
    await messages.return();
    await stopped;
    assert.ok(performance.now() - stopping < 10_000);
  },
);
