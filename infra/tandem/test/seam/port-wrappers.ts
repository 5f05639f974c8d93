// Ports seen through something: with some methods replaced, or with a stop before every call.
import type { Actor } from "./actor.ts";

type Method = (...args: readonly unknown[]) => unknown;

/** `base` with some of its methods replaced. */
export function changed<T extends object>(base: T, changes: Partial<T>): T {
  return seenThrough(base, (target, key) => {
    const change: unknown = Reflect.get(changes, key);
    if (change !== undefined) return change;
    const value: unknown = Reflect.get(target, key);
    return typeof value === "function" ? (value as Method).bind(target) : value;
  });
}

/** Every call waits for the actor's turn. */
export function inTurn<T extends object>(port: T, actor: Actor): T {
  return seenThrough(port, (target, key) => {
    const value: unknown = Reflect.get(target, key);
    if (typeof value !== "function") return value;
    const method = (value as Method).bind(target);
    if (key === "list" || key === "scanRun")
      return (...args: readonly unknown[]) => listed(method, args, actor);
    return async (...args: readonly unknown[]) => {
      await actor.pause();
      const result = await method(...args);
      if (actor.waits) void actor.returned();
      return result;
    };
  });
}

/** Methods are looked up once; ports have nothing else. */
function seenThrough<T extends object>(base: T, look: (target: T, key: PropertyKey) => unknown): T {
  const found = new Map<PropertyKey, unknown>();
  return new Proxy(base, {
    get(target, key) {
      if (!found.has(key)) found.set(key, look(target, key));
      return found.get(key);
    },
  });
}

async function* listed(
  method: Method,
  args: readonly unknown[],
  actor: Actor,
): AsyncGenerator<unknown> {
  await actor.pause();
  for await (const item of method(...args) as AsyncIterable<unknown>) {
    yield item;
    await actor.pause();
  }
}
