// A receipt: how far each partition must be read to have what one request appended. Text for clients, who hand it
// back as it is: `r1.PARTITION-OFFSET….CHECK`, numbers in base 36, partitions rising. The check finds a receipt that
// was cut short or mistyped; it is no signature, as a receipt grants nothing.
import { murmur3Lanes, murmur3Text } from "../hash/murmur3.ts";

/** Partition -> exclusive offset. */
export type Receipt = ReadonlyMap<number, number>;

const check = (text: string): string => (murmur3Text(text)[0] ?? 0).toString(36);

const DOT = 0x2e;
const DASH = 0x2d;
const HEAD = [0x72, 0x31];
/** Of a number in base 36, at most. */
const NUMBER_BYTES = 11;
/** More partitions than these are sorted by the engine. */
const FEW = 16;
const decoder = new TextDecoder();
const lanes = new Uint32Array(4);
let bytes = new Uint8Array(0);

/** Writes it at `bytes[at]`; where it ends. */
function putNumber(value: number, at: number): number {
  let digits = 1;
  for (let above = 36; above <= value; above *= 36) digits++;
  let rest = value;
  for (let i = at + digits - 1; i >= at; i--) {
    const above = Math.floor(rest / 36);
    const digit = rest - 36 * above;
    bytes[i] = digit < 10 ? 0x30 + digit : 0x57 + digit;
    rest = above;
  }
  return at + digits;
}

/** By bytes: each answer to accepted events has one, and texts that are put together and hashed take three times as long. */
export function encodeReceipt(receipt: Receipt): string {
  const most = HEAD.length + (receipt.size + 1) * 2 * (1 + NUMBER_BYTES);
  if (bytes.length < most) bytes = new Uint8Array(2 * most);
  bytes.set(HEAD);
  let at = HEAD.length;
  for (const partition of rising(receipt)) {
    bytes[at] = DOT;
    at = putNumber(partition, at + 1);
    bytes[at] = DASH;
    at = putNumber(receipt.get(partition)!, at + 1);
  }
  murmur3Lanes(bytes, 0, at, lanes);
  bytes[at] = DOT;
  return decoder.decode(bytes.subarray(0, putNumber(lanes[0]!, at + 1)));
}

function rising(receipt: Receipt): readonly number[] {
  if (receipt.size > FEW) return [...receipt.keys()].sort((a, b) => a - b);
  const partitions: number[] = [];
  for (const partition of receipt.keys()) {
    let at = partitions.length;
    for (; at > 0 && partitions[at - 1]! > partition; at--) partitions[at] = partitions[at - 1]!;
    partitions[at] = partition;
  }
  return partitions;
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
