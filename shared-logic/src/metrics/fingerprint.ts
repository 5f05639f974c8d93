// The name by which stored states know their metric: what it is made of is in fingerprint-of.ts.

declare const unit: unique symbol;
/** `name@version-` and 32 hex digits: readable, and safe in file names and keys. */
export type Fingerprint = string & { readonly [unit]: "Fingerprint" };

/** The metric name and version a fingerprint was made of. */
export function fingerprintName(fp: Fingerprint): {
  readonly name: string;
  readonly version: number;
} {
  const at = fp.indexOf("@");
  return { name: fp.slice(0, at), version: Number(fp.slice(at + 1, fp.indexOf("-", at))) };
}
