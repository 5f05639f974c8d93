// The configuration of a process: defaults, then one optional JSON file, then the environment, then what
// the command line says. An unknown name is refused with the nearest known one, a value that cannot be with
// what it must be; a secret's value stands in no message. Throws `configuration`, one line each.
import { readFileSync } from "node:fs";
import { TandemError } from "@tandem/shared-logic";
import type { z } from "zod";
import { configSchema, type TandemConfig } from "./config-schema.ts";
import { nearestName } from "./nearest-name.ts";
import { SETTINGS, type Setting } from "./setting-list.ts";

export type Source = "default" | "file" | "environment" | "command line";

export interface LoadedConfig {
  readonly config: TandemConfig;
  /** By path. */
  readonly sources: ReadonlyMap<string, Source>;
  readonly file: string | undefined;
}

export interface ConfigInputs {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Instead of TANDEM_CONFIG. */
  readonly file?: string | undefined;
  /** By path, from the command line; undefined is not set. */
  readonly given?: Readonly<Record<string, unknown>>;
}

export const CONFIG_FILE_ENV = "TANDEM_CONFIG";
/** Variables of this repository's tests and tools, which are no settings. */
const TOOL_NAMES = /^TANDEM_(DATA|SEED|CASES|SERVERS_.*)$/;
const BY_ENV = new Map(SETTINGS.map((s) => [s.env, s]));
const BY_PATH = new Map(SETTINGS.map((s) => [s.path, s]));

export function loadConfig({ env, file, given = {} }: ConfigInputs): LoadedConfig {
  const values = new Map<string, unknown>();
  const sources = new Map<string, Source>(SETTINGS.map((s) => [s.path, "default"]));
  const set = (path: string, value: unknown, source: Source): void => {
    values.set(path, value);
    sources.set(path, source);
  };
  const from = file ?? env[CONFIG_FILE_ENV];
  if (from !== undefined && from !== "")
    for (const [path, value] of readFile(from)) set(path, value, "file");
  for (const [key, value] of Object.entries(env)) {
    if (!key.startsWith("TANDEM_") || key === CONFIG_FILE_ENV || TOOL_NAMES.test(key)) continue;
    const setting = BY_ENV.get(key);
    if (!setting) throw unknown(`${key} is no setting`, key, [...BY_ENV.keys(), CONFIG_FILE_ENV]);
    // An empty variable is an unset one, as shells and compose files leave them.
    if (value !== undefined && value !== "")
      set(setting.path, ofText(setting, value), "environment");
  }
  for (const [path, value] of Object.entries(given))
    if (value !== undefined) set(path, value, "command line");
  const parsed = configSchema.safeParse(nested(values));
  if (!parsed.success) throw refusal(parsed.error, values, sources);
  return { config: parsed.data, sources, file: from };
}

/** Settings by path. */
function readFile(file: string): [string, unknown][] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw wrong(`--config ${file}: the file cannot be read; name one that is there`, cause);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split("\n")[0] : "";
    // The parser's words may quote the file, and so a secret.
    throw wrong(
      `--config ${file}: not JSON (${/position \d+/.exec(why ?? "")?.[0] ?? "cut short"})`,
    );
  }
  if (!isSection(json)) throw wrong(`--config ${file}: expected an object of settings`);
  return [...flat(json, "", file)];
}

function* flat(
  section: Readonly<Record<string, unknown>>,
  prefix: string,
  file: string,
): Generator<[string, unknown]> {
  const paths = [...BY_PATH.keys()];
  for (const [key, value] of Object.entries(section)) {
    const path = prefix + key;
    if (BY_PATH.has(path)) yield [path, value];
    else if (paths.some((p) => p.startsWith(`${path}.`))) {
      if (!isSection(value)) throw wrong(`--config ${file}: ${path} is an object of settings`);
      yield* flat(value, `${path}.`, file);
    } else {
      const sections = paths.map((p) => p.split(".")[0] ?? p);
      throw unknown(`--config ${file}: ${path} is no setting`, path, [...sections, ...paths]);
    }
  }
}

const isSection = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A variable's text as the schema wants it; what does not fit is left for the schema to refuse. */
function ofText(setting: Setting, value: string): unknown {
  switch (setting.kind) {
    case "number":
      return numberOf(value);
    case "numbers":
      return value.split(",").map(numberOf);
    case "yes or no":
      return value === "true" ? true : value === "false" ? false : value;
    case "json":
      try {
        return JSON.parse(value);
      } catch {
        return value;
      }
    case "texts":
      return value.split(",").map((item) => item.trim());
    default:
      return value;
  }
}

const numberOf = (text: string): unknown => (/^-?\d+$/.test(text.trim()) ? Number(text) : text);

function nested(values: ReadonlyMap<string, unknown>): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [path, value] of values) {
    const [first = "", second] = path.split(".");
    if (second === undefined) root[first] = value;
    else root[first] = { ...(root[first] as object | undefined), [second]: value };
  }
  return root;
}

function refusal(
  error: z.ZodError,
  values: ReadonlyMap<string, unknown>,
  sources: ReadonlyMap<string, Source>,
): TandemError {
  const byPath = new Map<string, string>();
  for (const issue of error.issues.toReversed())
    byPath.set(issue.path.filter((part) => typeof part === "string").join("."), issue.message);
  const lines = [...byPath].map(([path, message]) => {
    // What is wrong may lie within a setting that is an object.
    const setting = SETTINGS.find((s) => path === s.path || path.startsWith(`${s.path}.`));
    const source = sources.get(setting?.path ?? path) ?? "file";
    const value = JSON.stringify(values.get(setting?.path ?? path)) ?? "nothing";
    // An address may have a password in it.
    const shown = setting?.secret || value.includes("@") ? "***" : value;
    const named =
      source === "environment" ? `${setting?.env} (${path})` : `${path} (${setting?.env})`;
    return `${named} from the ${source}: expected ${expected(setting, message)}, got ${shown}`;
  });
  return wrong(lines.join("; "));
}

function expected(setting: Setting | undefined, message: string): string {
  if (setting?.kind === "choice") return `one of ${setting.choices?.join(", ")}`;
  if (setting?.kind === "yes or no") return "true or false";
  const plain = message.replace(/^Invalid (input|string|URL)(: |$)/, "").replace(/^expected /, "");
  const limit = /^Too (?:big|small): expected (.*)$/.exec(message)?.[1];
  return limit ?? (plain === "" ? "an address such as http://127.0.0.1:9000" : plain);
}

function unknown(what: string, name: string, known: readonly string[]): TandemError {
  return wrong(
    `${what}; did you mean ${nearestName(name, known)}? (docs/configuration.md lists all)`,
  );
}

const wrong = (message: string, cause?: unknown): TandemError =>
  new TandemError("configuration", { message, cause });
