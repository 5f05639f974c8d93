// Storages outside browsers: React Native's AsyncStorage, and a folder with a file for each event. Their libraries
// are passed in: this package imports none.
import type { TrackerStorage } from "./options.ts";

/** The part of @react-native-async-storage/async-storage that is used. */
export interface AsyncStorageLike {
  getAllKeys(): Promise<readonly string[]>;
  getItem(key: string): Promise<string | null>;
  setItem(key: string, value: string): Promise<void>;
  removeItem(key: string): Promise<void>;
}

export const asyncStorage = (of: AsyncStorageLike): TrackerStorage => ({
  keys: () => of.getAllKeys(),
  get: (key) => of.getItem(key),
  set: (key, value) => of.setItem(key, value),
  remove: (key) => of.removeItem(key),
});

/** The part of node:fs that is used. */
export interface Files {
  mkdirSync(path: string, options: { recursive: true }): unknown;
  readdirSync(path: string): string[];
  readFileSync(path: string, encoding: "utf8"): string;
  writeFileSync(path: string, text: string): void;
  renameSync(from: string, to: string): void;
  rmSync(path: string, options: { force: true }): void;
}

const UNFINISHED = ".unfinished";

/** A file is there whole or not at all; what a killed process was writing is not. */
export function fileStorage(fs: Files, folder: string): TrackerStorage {
  const pathOf = (key: string): string => `${folder}/${encodeURIComponent(key)}`;
  fs.mkdirSync(folder, { recursive: true });
  return {
    keys: () =>
      fs
        .readdirSync(folder)
        .filter((n) => !n.endsWith(UNFINISHED))
        .map(decodeURIComponent),
    get(key) {
      try {
        return fs.readFileSync(pathOf(key), "utf8");
      } catch {
        return undefined;
      }
    },
    set(key, value) {
      const path = pathOf(key);
      fs.writeFileSync(path + UNFINISHED, value);
      fs.renameSync(path + UNFINISHED, path);
    },
    remove: (key) => fs.rmSync(pathOf(key), { force: true }),
  };
}
