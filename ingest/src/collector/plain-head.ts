// The head of a plain request: `POST /events HTTP/1.1` with a declared, small body and no header that changes how it is
// framed or answered. Whoever reads heads a second way must not read any of them otherwise than node:http does: what is
// not plain in every byte (RFC 9112, 2 to 6) is nothing here, and is left to it.
import type { AskedHeaders } from "./request-headers.ts";

export interface PlainHead {
  /** With what stands behind `?`. */
  readonly url: string;
  readonly headers: AskedHeaders;
  /** Of the head, the empty line with it. */
  readonly sizeBytes: number;
  readonly bodyBytes: number;
}

const HEAD_BYTES = 4096;
const END = Buffer.from("\r\n\r\n");
const REQUEST_LINE = /^POST (\/events(?:\?[A-Za-z0-9=&_.~%+-]*)?) HTTP\/1\.1$/;
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\t ]*([\t\x20-\x7e]*)$/;
const LENGTH = /^[0-9]{1,8}$/;
/** These make a request something else, or are logged on node:http's way. */
const NOT_PLAIN: ReadonlySet<string> = new Set([
  "expect",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "traceparent",
  "transfer-encoding",
  "upgrade",
]);

/** Undefined where `bytes` do not begin with the whole head of a plain request. */
export function readPlainHead(bytes: Buffer): PlainHead | undefined {
  const end = bytes.indexOf(END);
  if (end < 0 || end > HEAD_BYTES) return undefined;
  const lines = bytes.toString("latin1", 0, end).split("\r\n");
  const url = REQUEST_LINE.exec(lines[0]!)?.[1];
  if (url === undefined) return undefined;
  const headers: Record<string, string> = {};
  let length: string | undefined;
  let hosts = 0;
  for (let i = 1; i < lines.length; i++) {
    const field = FIELD.exec(lines[i]!);
    if (field === null) return undefined;
    const name = field[1]!.toLowerCase();
    const value = field[2]!.trimEnd();
    switch (name) {
      case "host":
        hosts++;
        break;
      case "connection":
        if (value.toLowerCase() !== "keep-alive") return undefined;
        break;
      case "content-length":
        if (length !== undefined || !LENGTH.test(value)) return undefined;
        length = value;
        break;
      case "authorization":
      case "content-encoding":
      case "content-type":
      case "origin":
      case "x-api-key":
        if (name in headers) return undefined;
        headers[name] = value;
        break;
      default:
        if (NOT_PLAIN.has(name)) return undefined;
    }
  }
  if (hosts !== 1 || length === undefined) return undefined;
  return { url, headers, sizeBytes: end + END.length, bodyBytes: Number(length) };
}
