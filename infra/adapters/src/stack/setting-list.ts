// The settings as a flat list, read off the schema: path, environment name, type, default, secrecy.
// The name rule: TANDEM_ and the path's words in capitals, `s3.accessKey` -> TANDEM_S3_ACCESS_KEY.
import { z } from "zod";
import { configSchema } from "./config-schema.ts";
import type { SettingFacts } from "./setting.ts";

export interface Setting extends SettingFacts {
  /** As in the file: `kafka.brokers`. */
  readonly path: string;
  readonly env: string;
  readonly kind: "text" | "number" | "yes or no" | "texts" | "numbers" | "choice" | "json";
  readonly choices?: readonly string[];
  readonly fallback: unknown;
}

export const envNameOf = (path: string): string =>
  `TANDEM_${path
    .split(".")
    .map((word) => word.replaceAll(/[A-Z]/g, (c) => `_${c}`).toUpperCase())
    .join("_")}`;

function* leaves(shape: z.core.$ZodLooseShape, prefix: string): Generator<Setting> {
  for (const [key, type] of Object.entries(shape)) {
    const path = prefix + key;
    let inner: z.core.$ZodType = type;
    let fallback: unknown;
    while (
      inner instanceof z.ZodDefault ||
      inner instanceof z.ZodOptional ||
      inner instanceof z.ZodPrefault
    ) {
      if (inner instanceof z.ZodDefault) fallback = inner.def.defaultValue;
      inner = inner.def.innerType;
    }
    if (inner instanceof z.ZodObject) yield* leaves(inner.shape, `${path}.`);
    else yield { ...factsOf(type, path), ...kindOf(inner), path, env: envNameOf(path), fallback };
  }
}

function factsOf(type: z.core.$ZodType, path: string): SettingFacts {
  const facts = z.globalRegistry.get(type) as Partial<SettingFacts> | undefined;
  if (facts?.about === undefined) throw new RangeError(`setting ${path} says nothing of itself`);
  return { ...facts, about: facts.about };
}

function kindOf(type: z.core.$ZodType): Pick<Setting, "kind" | "choices"> {
  if (type instanceof z.ZodEnum) return { kind: "choice", choices: type.options.map(String) };
  if (type instanceof z.ZodNumber) return { kind: "number" };
  if (type instanceof z.ZodBoolean) return { kind: "yes or no" };
  if (type instanceof z.ZodRecord) return { kind: "json" };
  if (type instanceof z.ZodArray)
    return { kind: type.element instanceof z.ZodNumber ? "numbers" : "texts" };
  return { kind: "text" };
}

/** In the order of the schema. */
export const SETTINGS: readonly Setting[] = [...leaves(configSchema.shape, "")];
