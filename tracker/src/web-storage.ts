// localStorage (or sessionStorage) as a tracker wants it.
import type { TrackerStorage } from "./options.ts";

/** The part of localStorage that is used. */
export interface WebStorage {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export const webStorage = (of: WebStorage): TrackerStorage => ({
  keys: () => Array.from({ length: of.length }, (_, i) => of.key(i) ?? ""),
  get: (key) => of.getItem(key),
  set: (key, value) => of.setItem(key, value),
  remove: (key) => of.removeItem(key),
});
