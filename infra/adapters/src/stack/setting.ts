// What a setting is beside its type: a sentence, a unit, whether it is secret. The schema's parts are made with it.
import { z } from "zod";

/** What a setting says of itself, beside its type and default. */
export interface SettingFacts {
  /** One sentence. */
  readonly about: string;
  readonly unit?: string;
  /** Never printed. */
  readonly secret?: boolean;
  /** Said instead of the default where there is no fixed one. */
  readonly otherwise?: string;
}

export const as = <T extends z.ZodType>(
  type: T,
  about: string,
  more: Omit<SettingFacts, "about"> = {},
): T => type.meta({ about, ...more });
export const section = <T extends z.ZodRawShape>(shape: T) =>
  z.strictObject(shape).prefault({} as never);
