// A reducer's parameters as the declaration keeps them. What is missing is a bug of whoever wrote the declaration.
import type { Json } from "@tandem/shared-logic";

export type Spec = Readonly<Record<string, Json>>;

export function isSpec(value: Json | undefined): value is Spec {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function numberOf(spec: Spec, name: string): number {
  const value = spec[name];
  if (typeof value !== "number") throw new RangeError(`${name} is no number: ${String(value)}`);
  return value;
}

export function textOf(spec: Spec, name: string): string {
  const value = spec[name];
  if (typeof value !== "string") throw new RangeError(`${name} is no text: ${String(value)}`);
  return value;
}

export function specOf(spec: Spec, name: string): Spec {
  const value = spec[name];
  if (!isSpec(value)) throw new RangeError(`${name} has no parameters`);
  return value;
}

export function listOf(spec: Spec, name: string): readonly Json[] {
  const value = spec[name];
  if (!Array.isArray(value)) throw new RangeError(`${name} is no list`);
  return value as readonly Json[];
}
