// Loads metric files: every export of every .ts, .mts, .js or .mjs file of a folder that `metric()` made.
// A file in any folder may import from '@tandem/shared-logic': the name is resolved to this repository's.
import { readdir } from "node:fs/promises";
import { registerHooks } from "node:module";
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { catalogue, type Fingerprint, type Metric, TandemError } from "@tandem/shared-logic";

const SHARED_LOGIC = import.meta.resolve("@tandem/shared-logic");
let hooked = false;

function resolveSharedLogic(): void {
  if (hooked) return;
  hooked = true;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "@tandem/shared-logic"
        ? { url: SHARED_LOGIC, shortCircuit: true }
        : next(specifier, context),
  });
}

const isMetric = (value: unknown): value is Metric =>
  typeof value === "object" && value !== null && "fingerprint" in value && "reducer" in value;

/** The metrics that a file exports. Throws `metric_invalid` where there are none, or it cannot be run. */
export async function loadMetricFile(path: string): Promise<Metric[]> {
  resolveSharedLogic();
  const name = basename(path);
  let exported: Record<string, unknown>;
  try {
    exported = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TandemError("metric_invalid", {
      message: `${name}: ${why}`,
      details: { file: name },
      cause,
    });
  }
  const own = Object.values(exported).filter(isMetric);
  if (own.length === 0) {
    throw new TandemError("metric_invalid", {
      message: `${name} exports no metric: export const ${name.replace(/\W.*$/, "")} = metric({ … })`,
      details: { file: name },
    });
  }
  return own;
}

/** The metrics of one folder's files, not of its subfolders. */
export async function loadMetricFolder(folder: string): Promise<Metric[]> {
  const path = resolve(folder);
  let names: string[];
  try {
    names = await readdir(path);
  } catch (cause) {
    throw new TandemError("configuration", {
      message: `--metrics ${folder}: the folder cannot be read`,
      cause,
    });
  }
  const found: Metric[] = [];
  for (const name of names.sort()) {
    if (!/\.(ts|mts|js|mjs)$/.test(name) || /\.(test|d)\.m?ts$/.test(name)) continue;
    found.push(...(await loadMetricFile(resolve(path, name))));
  }
  return found;
}

/** The metrics out of the box and those of the folders. Throws `metric_invalid` where two collide. */
export async function loadMetrics(folders: readonly string[]): Promise<readonly Metric[]> {
  const all = [...catalogue];
  for (const folder of folders) all.push(...(await loadMetricFolder(folder)));
  const byName = new Map<string, Metric>();
  const byFingerprint = new Map<Fingerprint, Metric>();
  for (const m of all) {
    const key = `${m.dataset}/${m.name}@${m.version}`;
    const known = byName.get(key);
    if (known && known.fingerprint !== m.fingerprint) {
      throw new TandemError("metric_invalid", {
        message: `metric ${m.name} version ${m.version} is declared twice with different meanings: raise its version or rename it`,
        details: { name: m.name, version: m.version },
      });
    }
    byName.set(key, m);
    byFingerprint.set(m.fingerprint, m);
  }
  return [...byFingerprint.values()];
}
