// Where the next page of a breakdown begins, as opaque text that only an installation with the same secret can make:
// bound to tenant and question, to the views that the page before was made of, and to an hour. HMAC-SHA-256
// (RFC 2104), cut to 128 bits. Wrong text is undefined, whatever it is.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { EpochMs } from "@tandem/shared-logic";

export interface Cursor {
  /** When the first page was asked for: ranges without an end are of then. */
  readonly at: EpochMs;
  /** Of tenant, metric and parameters, in hex. */
  readonly question: string;
  /** Of the views that the page was made of, in hex. */
  readonly version: string;
  /** Groups of the pages so far. */
  readonly skip: number;
  /** Mark of the last of them. */
  readonly last: string;
}

/** How long after its first page a listing can be gone on with. */
export const CURSOR_MS = 3_600_000;

const FORMAT = 1;
const [QUESTION, VERSION, LAST, MAC] = [16, 12, 8, 16];
const HEAD = 1 + 6 + 4;
const BODY = HEAD + QUESTION + VERSION + LAST;

const digest = (text: string, bytes: number): string =>
  createHash("sha256").update(text).digest().subarray(0, bytes).toString("hex");

export const questionMark = (text: string): string => digest(text, QUESTION);
export const versionMark = (text: string): string => digest(text, VERSION);
export const groupMark = (group: string): string => digest(group, LAST);

const macOf = (secret: string, body: Uint8Array): Buffer =>
  createHmac("sha256", secret).update("tandem cursor\0").update(body).digest().subarray(0, MAC);

export function sealCursor(secret: string, cursor: Cursor): string {
  const head = Buffer.alloc(HEAD);
  head.writeUInt8(FORMAT);
  head.writeUIntBE(cursor.at, 1, 6);
  head.writeUInt32BE(cursor.skip, 7);
  const marks = [cursor.question, cursor.version, cursor.last].map((m) => Buffer.from(m, "hex"));
  const body = Buffer.concat([head, ...marks]);
  if (body.length !== BODY) throw new RangeError("a mark of another length");
  return Buffer.concat([body, macOf(secret, body)]).toString("base64url");
}

export function openCursor(secret: string, text: string): Cursor | undefined {
  const bytes = Buffer.from(text, "base64url");
  // Its only spelling: what decodes to the same bytes is another text.
  if (bytes.length !== BODY + MAC || bytes.toString("base64url") !== text) return undefined;
  const body = bytes.subarray(0, BODY);
  if (!timingSafeEqual(macOf(secret, body), bytes.subarray(BODY))) return undefined;
  if (body.readUInt8() !== FORMAT) return undefined;
  const [question, version] = [HEAD + QUESTION, HEAD + QUESTION + VERSION];
  return {
    at: body.readUIntBE(1, 6) as EpochMs,
    skip: body.readUInt32BE(7),
    question: body.toString("hex", HEAD, question),
    version: body.toString("hex", question, version),
    last: body.toString("hex", version, BODY),
  };
}
