// The head of a plain request: `POST /events HTTP/1.1` with a declared, small body and no header that changes how it is
// framed or answered. Whoever reads heads a second way must not read any of them otherwise than node:http does: what is
// not plain in every byte (RFC 9112, 2 to 6) is nothing here, and is left to it.
import { type Asking, askingOf } from "./request-headers.ts";

export interface PlainHead {
  /** With what stands behind `?`. */
  readonly url: string;
  readonly origin: string | undefined;
  readonly asking: Asking;
  /** Of the head, the empty line with it. */
  readonly sizeBytes: number;
  readonly bodyBytes: number;
}

/** Digits of a body's length; more of them are no plain request. */
export const MOST_LENGTH_DIGITS = 8;
const HEAD_BYTES = 4096;
const END = Buffer.from("\r\n\r\n");
const REQUEST_LINE = /^POST (\/events(?:\?[A-Za-z0-9=&_.~%+-]*)?) HTTP\/1\.1$/;
/** White space around the value is taken off behind it: matched here too, it could be cut in as many ways as it is long. */
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t\x20-\x7e]*)$/;
const LENGTH = new RegExp(`^[0-9]{1,${MOST_LENGTH_DIGITS}}$`);

// Places of the values that are looked at: an object that gets its members by name costs several times as much.
const HOST = 0;
const CONTENT_LENGTH = 1;
const AUTHORIZATION = 2;
const CONTENT_ENCODING = 3;
const CONTENT_TYPE = 4;
const ORIGIN = 5;
const API_KEY = 6;
const CONNECTION = 7;
/** Makes a request something else, or is logged on node:http's way. */
const NOT_PLAIN = 8;
const PLACES: ReadonlyMap<string, number> = new Map([
  ["host", HOST],
  ["content-length", CONTENT_LENGTH],
  ["authorization", AUTHORIZATION],
  ["content-encoding", CONTENT_ENCODING],
  ["content-type", CONTENT_TYPE],
  ["origin", ORIGIN],
  ["x-api-key", API_KEY],
  ["connection", CONNECTION],
  ["expect", NOT_PLAIN],
  ["http2-settings", NOT_PLAIN],
  ["keep-alive", NOT_PLAIN],
  ["proxy-connection", NOT_PLAIN],
  ["te", NOT_PLAIN],
  ["trailer", NOT_PLAIN],
  ["traceparent", NOT_PLAIN],
  ["transfer-encoding", NOT_PLAIN],
  ["upgrade", NOT_PLAIN],
]);

/** Undefined where `bytes` do not begin with the whole head of a plain request. */
export function readPlainHead(bytes: Buffer): PlainHead | undefined {
  const end = bytes.indexOf(END);
  if (end < 0 || end > HEAD_BYTES) return undefined;
  const lines = bytes.toString("latin1", 0, end).split("\r\n");
  const url = REQUEST_LINE.exec(lines[0]!)?.[1];
  if (url === undefined) return undefined;
  const values = readFields(lines);
  if (values === undefined || values[HOST] === undefined) return undefined;
  const length = values[CONTENT_LENGTH];
  if (length === undefined || !LENGTH.test(length)) return undefined;
  const connection = values[CONNECTION] ?? "keep-alive";
  if (connection !== "keep-alive" && connection.toLowerCase() !== "keep-alive") return undefined;
  const origin = values[ORIGIN];
  const asking = askingOf({
    authorization: values[AUTHORIZATION],
    "content-encoding": values[CONTENT_ENCODING],
    "content-type": values[CONTENT_TYPE],
    "x-api-key": values[API_KEY],
  });
  return { url, origin, asking, sizeBytes: end + END.length, bodyBytes: Number(length) };
}

/** The values by their places; undefined where a line is no field, or its request not plain. */
function readFields(lines: readonly string[]): readonly (string | undefined)[] | undefined {
  const values: (string | undefined)[] = new Array(NOT_PLAIN).fill(undefined);
  for (let i = 1; i < lines.length; i++) {
    const field = FIELD.exec(lines[i]!);
    if (field === null) return undefined;
    const place = PLACES.get(field[1]!.toLowerCase());
    if (place === undefined) continue;
    if (place === NOT_PLAIN || values[place] !== undefined) return undefined;
    values[place] = field[2]!.trim();
  }
  return values;
}
