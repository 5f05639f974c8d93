// An answer as a value, and the one place where it goes out.
import { type ServerResponse, STATUS_CODES } from "node:http";
import { REFUSALS, type RefusalCode, refusalBody } from "./refusal.ts";

export interface ReplyHeaders {
  "www-authenticate"?: string;
  "accept-encoding"?: string;
  "retry-after"?: string;
  allow?: string;
  connection?: string;
}

export interface Reply {
  readonly status: number;
  /** JSON text; empty for none. */
  readonly body: string;
  readonly headers?: Readonly<ReplyHeaders>;
}

export interface RefusalDetail {
  readonly expected?: string;
  readonly retryAfterMs?: number;
  /** Says that the connection ends here: the rest of its body is not read. */
  readonly closes?: boolean;
}

export function refusalReply(code: RefusalCode, detail: RefusalDetail = {}): Reply {
  const { status } = REFUSALS[code];
  const headers: ReplyHeaders = {};
  if (status === 401) headers["www-authenticate"] = "Bearer";
  if (status === 405) headers.allow = "POST, OPTIONS";
  if (code === "unsupported_encoding") headers["accept-encoding"] = "gzip, deflate, identity";
  if (detail.closes === true) headers.connection = "close";
  if (status === 429 || status === 503) headers["retry-after"] = retryAfter(detail.retryAfterMs);
  return { status, body: refusalBody(code, detail.expected), headers };
}

/** Whole seconds, at least one. */
export function retryAfter(ms = 1000): string {
  return String(Math.max(1, Math.ceil(ms / 1000)));
}

export function send(
  res: ServerResponse,
  reply: Reply,
  corsHeaders: Readonly<Record<string, string>>,
): void {
  if (res.headersSent || res.destroyed) return;
  const { status, body, headers } = reply;
  const described =
    body === ""
      ? undefined
      : { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  res.writeHead(status, { ...described, ...corsHeaders, ...headers });
  res.end(body);
}

let dateSecond = 0;
let date = "";

/** Of now, as HTTP writes it. */
function httpDate(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    date = new Date(second * 1000).toUTCString();
  }
  return date;
}

/** The whole answer as `send` makes node:http write it; `keepAliveMs` undefined: the last one of its connection. */
export function replyText({ status, body, headers }: Reply, keepAliveMs?: number): string {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`;
  if (body !== "") {
    text += `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
  }
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (name !== "connection") text += `${name}: ${value}\r\n`;
  }
  text += `Date: ${httpDate()}\r\n`;
  if (keepAliveMs === undefined) return `${text}Connection: close\r\n\r\n${body}`;
  return `${text}Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveMs / 1000)}\r\n\r\n${body}`;
}
