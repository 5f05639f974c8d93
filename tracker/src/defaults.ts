// What a tracker takes from where it runs, if it is not given anything else. Whatever is missing is done without.
import type { Page, TrackerClock, TrackerLocks, TrackerStorage } from "./options.ts";
import { type WebStorage, webStorage } from "./web-storage.ts";

interface EventSource {
  addEventListener(type: string, told: () => void): void;
  removeEventListener(type: string, told: () => void): void;
}

/** The parts of a browser that may be there. */
interface Surroundings {
  /** Without `randomUUID` on pages that are not secure, and nothing at all in React Native. */
  readonly crypto?: { randomUUID?(): string };
  readonly localStorage?: WebStorage;
  readonly navigator?: { readonly locks?: TrackerLocks };
  readonly document?: EventSource & { readonly visibilityState?: string };
  readonly addEventListener?: EventSource["addEventListener"];
  readonly removeEventListener?: EventSource["removeEventListener"];
}

const around = globalThis as unknown as Surroundings;

export const systemClock: TrackerClock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** A browser may forbid even to look. */
export function ownStorage(): TrackerStorage | undefined {
  try {
    return around.localStorage && around.document ? webStorage(around.localStorage) : undefined;
  } catch {
    return undefined;
  }
}

export const ownLocks = (): TrackerLocks | undefined => around.navigator?.locks;

/** Random bytes where there are any; else as good as chance is here. */
export function newUuid(random: () => number): string {
  const { crypto } = around;
  if (crypto?.randomUUID) return crypto.randomUUID();
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join("");
  return `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;
}

export function ownGzip(): ((text: string) => Promise<Uint8Array<ArrayBuffer>>) | undefined {
  if (!("CompressionStream" in globalThis)) return undefined;
  return async (text) => {
    const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  };
}

export const ownPage: Page = (hidden, online) => {
  const { document, addEventListener, removeEventListener } = around;
  if (!document || !addEventListener || !removeEventListener) return () => undefined;
  const onChange = (): void => {
    if (document.visibilityState === "hidden") hidden(false);
  };
  const onLeave = (): void => hidden(true);
  document.addEventListener("visibilitychange", onChange);
  addEventListener("pagehide", onLeave);
  addEventListener("online", online);
  return () => {
    document.removeEventListener("visibilitychange", onChange);
    removeEventListener("pagehide", onLeave);
    removeEventListener("online", online);
  };
};
