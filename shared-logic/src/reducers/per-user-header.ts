// The first bytes of a perUser state: format, then what its meaning depends on (shape, dimensions
// inside, sample size), as text. States whose headers differ refuse to merge: `sketch_mismatch`.
import type { ByteReader } from "../codec/byte-reader.ts";
import type { ByteWriter } from "../codec/byte-writer.ts";
import { TandemError } from "../errors.ts";

export interface PerUserHeader {
  readonly format: number;
  readonly parameters: string;
}

const mismatch = (got: string, expected: string): TandemError =>
  new TandemError("sketch_mismatch", { details: { got, expected } });

export function samePerUser(got: PerUserHeader, expected: PerUserHeader): void {
  if (got !== expected && got.parameters !== expected.parameters) {
    throw mismatch(got.parameters, expected.parameters);
  }
}

export const writeHeader = (out: ByteWriter, { format, parameters }: PerUserHeader): ByteWriter =>
  out.u8(format).text(parameters);

/** Throws `corrupt_bytes` on another format, `sketch_mismatch` on other parameters. */
export function checkHeader(from: ByteReader, { format, parameters }: PerUserHeader): void {
  const found = from.u8();
  if (found !== format) throw new TandemError("corrupt_bytes", { details: { format: found } });
  const got = from.text();
  if (got !== parameters) throw mismatch(got, parameters);
}
