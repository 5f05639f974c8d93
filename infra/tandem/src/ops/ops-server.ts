// The operations port of the process that owns a data directory: what every process has there, and other
// `tandem` commands, which are run here on their behalf, their words going back as they come. A command asks
// for the directory's token and is taken from this machine alone.
import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import {
  type OperationsOptions,
  type OperationsServer,
  operationsServer,
} from "@tandem/adapters/stack";
import type { Io } from "../commands/io.ts";

/** One piece of a command's output; the last one carries the exit code. */
export type OpsLine =
  | { readonly out: string }
  | { readonly err: string }
  | { readonly exit: number };

export interface OpsServerOptions extends Omit<OperationsOptions, "also"> {
  readonly token: string;
  /** Runs a command line and resolves to its exit code. */
  readonly run: (argv: readonly string[], io: Io) => Promise<number>;
}

const LOOPBACK = new Set(["127.0.0.1", "::1", "::ffff:127.0.0.1"]);

export function opsServer({ token, run, ...options }: OpsServerOptions): Promise<OperationsServer> {
  const also = (req: IncomingMessage, res: ServerResponse): boolean => {
    if (req.url !== "/command") return false;
    const own = LOOPBACK.has(req.socket.remoteAddress ?? "");
    if (!own || !authorized(req.headers.authorization, token)) res.writeHead(401).end();
    else if (req.method !== "POST") res.writeHead(405).end();
    else answer(run, req, res).catch(() => res.destroy());
    return true;
  };
  return operationsServer({ ...options, also });
}

async function answer(
  run: OpsServerOptions["run"],
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const { argv, cwd } = JSON.parse(String(req.headers["x-tandem-command"])) as {
    argv: string[];
    cwd: string;
  };
  res.writeHead(200, { "content-type": "application/x-ndjson" });
  const say = (line: OpsLine): void => void res.write(`${JSON.stringify(line)}\n`);
  const io: Io = { out: (out) => say({ out }), err: (err) => say({ err }), stdin: req, cwd };
  say({ exit: await run(argv, io) });
  res.end();
}

function authorized(header: string | undefined, token: string): boolean {
  const given = Buffer.from(header ?? "");
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
