// The serving API on a real socket over a world in memory, with keys of two tenants.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { keyMaking, sha256KeyHash } from "@tandem/adapters/embedded";
import { createServing, type ServingLimits, type ServingOptions } from "@tandem/serving";
import {
  createKey,
  ledgerKeyStore,
  NO_TELEMETRY,
  revokeKey,
  type Scope,
  type ViewStore,
} from "@tandem/shared-logic";
import { DATASET, type World } from "./serving-fixture.ts";

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: an answer's JSON is looked at field by field.
  readonly body: any;
}

export async function startServing(
  t: TestContext,
  world: Pick<World, "now" | "metrics" | "engine"> & { readonly views: ViewStore },
  serving: Partial<ServingLimits> = {},
  more: Pick<ServingOptions, "changes" | "live" | "pace"> = {},
) {
  const keys = ledgerKeyStore(world.views);
  const logged: unknown[] = [];
  const ended: string[] = [];
  const log = (fields: unknown, message: string) => logged.push([fields, message]);
  const api = createServing({
    views: world.views,
    clock: { now: () => world.now, sleep: async () => {} },
    metrics: world.metrics,
    dataset: DATASET,
    engine: world.engine,
    keys,
    hash: sha256KeyHash,
    logger: { info: log, warn: log, error: log },
    serving,
    telemetry: {
      ...NO_TELEMETRY,
      add(name, _, ...[labels]) {
        if (name === "live_streams_ended_total") ended.push(String(Object.values(labels ?? {})[0]));
      },
    },
    ...more,
  });
  const server = createServer(api.handle);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  t.after(async () => {
    api.close();
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  const makeKey = (tenant: string, ...scopes: Scope[]) =>
    createKey(keys, keyMaking, { tenant, scopes }, world.now);
  const { presented } = await makeKey("acme", "read");

  async function request(path: string, init: RequestInit = {}): Promise<HttpAnswer> {
    const response = await fetch(url + path, init);
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === "" ? undefined : JSON.parse(text),
    };
  }
  const bearer = (key: string, headers: Record<string, string> = {}) => ({
    headers: { authorization: `Bearer ${key}`, ...headers },
  });
  return {
    url,
    live: api.live,
    close: () => api.close(),
    ended,
    logged,
    makeKey,
    bearer,
    revoke: (id: string) => revokeKey(keys, id, world.now),
    request,
    /** With a read key of tenant acme. */
    get: (path: string, headers: Record<string, string> = {}) =>
      request(path, bearer(presented, headers)),
  };
}
