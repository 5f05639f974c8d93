// From a reply to bytes on the wire: content coding by what the client accepts (RFC 9110, 12.5.3), and
// the headers of every answer. Answers belong to one key's tenant, so only the client may keep them.
import type { IncomingMessage, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Body, Reply } from "./reply.ts";

const CODED_FROM_BYTES = 1024;
const zip = promisify(gzip);
const brotli = promisify(brotliCompress);
const CODINGS: Readonly<Record<string, (bytes: Uint8Array) => Promise<Uint8Array>>> = {
  br: (bytes) =>
    brotli(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 4,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    }),
  gzip: (bytes) => zip(bytes, { level: 5 }),
};

/** The coding of ours with the highest weight; undefined: none. Ours come in order of preference. */
export function codingFor(accepted: string | undefined): string | undefined {
  if (accepted === undefined) return undefined;
  const weights = new Map<string, number>();
  for (const part of accepted.toLowerCase().split(",")) {
    const [name = "", ...parameters] = part.split(";").map((t) => t.trim());
    const q = parameters.find((p) => p.startsWith("q="));
    const weight = q === undefined ? 1 : Number(q.slice(2));
    weights.set(name, Number.isFinite(weight) ? weight : 0);
  }
  const weightOf = (name: string): number => weights.get(name) ?? weights.get("*") ?? 0;
  const [best] = Object.keys(CODINGS).sort((a, b) => weightOf(b) - weightOf(a));
  return best !== undefined && weightOf(best) > 0 ? best : undefined;
}

async function coded(body: Body, coding: string): Promise<Uint8Array> {
  let made = body.encoded.get(coding);
  if (made === undefined) {
    made = CODINGS[coding]?.(body.identity) ?? Promise.resolve(body.identity);
    body.encoded.set(coding, made);
  }
  return made;
}

export async function send(req: IncomingMessage, res: ServerResponse, reply: Reply): Promise<void> {
  if (reply.start && req.method !== "HEAD" && !res.headersSent && !res.destroyed) {
    const refused = reply.start(res);
    return refused && send(req, res, refused);
  }
  const { status, body } = reply;
  const coding =
    body && body.identity.length >= CODED_FROM_BYTES
      ? codingFor(req.headers["accept-encoding"]?.toString())
      : undefined;
  const bytes = body && (coding === undefined ? body.identity : await coded(body, coding));
  if (res.headersSent || res.destroyed) return;
  res.statusCode = status;
  res.setHeader("Cache-Control", "private, no-cache");
  res.setHeader("Vary", "Authorization, X-API-Key, Accept, Accept-Encoding");
  for (const [name, value] of Object.entries(reply.headers ?? {})) res.setHeader(name, value);
  if (bytes === undefined) {
    res.end();
    return;
  }
  res.setHeader("Content-Type", body?.type ?? "application/json; charset=utf-8");
  res.setHeader("Content-Length", bytes.length);
  if (coding !== undefined) res.setHeader("Content-Encoding", coding);
  res.end(req.method === "HEAD" ? undefined : bytes);
}
