// A receipt: how far each partition must be read to have what one request appended. Text for clients, who hand it
// back as it is: `r1.PARTITION-OFFSET….CHECK`, numbers in base 36, partitions rising. The check finds a receipt that
// was cut short or mistyped; it is no signature, as a receipt grants nothing.
import { murmur3Text } from "../hash/murmur3.ts";

/** Partition -> exclusive offset. */
export type Receipt = ReadonlyMap<number, number>;

const check = (text: string): string => (murmur3Text(text)[0] ?? 0).toString(36);

export function encodeReceipt(receipt: Receipt): string {
  const partitions = [...receipt.keys()].sort((a, b) => a - b);
  let body = "r1";
  for (const p of partitions) body += `.${p.toString(36)}-${receipt.get(p)!.toString(36)}`;
  return `${body}.${check(body)}`;
}

/** Undefined where it is none. */
export function decodeReceipt(text: string): Receipt | undefined {
  const end = text.lastIndexOf(".");
  const [head, ...parts] = text.slice(0, Math.max(0, end)).split(".");
  if (head !== "r1" || parts.length === 0 || check(text.slice(0, end)) !== text.slice(end + 1))
    return undefined;
  const receipt = new Map<number, number>();
  for (const part of parts) {
    const [partition = "", offset = ""] = part.split("-");
    const [p, to] = [Number.parseInt(partition, 36), Number.parseInt(offset, 36)];
    if (!Number.isSafeInteger(p) || !Number.isSafeInteger(to) || receipt.has(p)) return undefined;
    receipt.set(p, to);
  }
  return encodeReceipt(receipt) === text ? receipt : undefined;
}
