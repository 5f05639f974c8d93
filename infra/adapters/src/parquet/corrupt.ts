// The one error of this folder: bytes that are no Parquet, or a part of Parquet that is not read here.
import { TandemError } from "@tandem/shared-logic";

export const corrupt = (what: string, cause?: unknown): TandemError =>
  new TandemError("corrupt_bytes", { message: `Parquet: ${what}`, details: { what }, cause });
