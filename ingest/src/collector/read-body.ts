// A request's body as one buffer, within a limit and the shared budget. Where it is refused, the rest
// is read and thrown away up to as much again, so that the client gets to read the answer instead of
// a reset connection. How long a body may take is the server's business (listen.ts).
import type { IncomingMessage } from "node:http";
import type { ByteBudget } from "./byte-budget.ts";

export type ReadBody =
  /** Holds `bytes.length` of the budget until the caller gives it back. */
  | { readonly ok: true; readonly bytes: Buffer }
  /** Holds nothing of the budget. `head`: what was read of it, to be looked at. */
  | {
      readonly ok: false;
      readonly why: "too_large" | "overloaded" | "aborted";
      readonly head: Buffer;
    };

const NOTHING = Buffer.alloc(0);

export function readBody(
  req: IncomingMessage,
  limitBytes: number,
  budget: ByteBudget,
): Promise<ReadBody> {
  return new Promise((resolve) => {
    let chunks: Buffer[] = [];
    let size = 0;
    let refused: "too_large" | "overloaded" | undefined;
    let head: Buffer = NOTHING;
    let settled = false;

    const settle = (result: ReadBody): void => {
      settled = true;
      resolve(result);
    };
    const refuse = (
      why: "too_large" | "overloaded",
      held: number,
      chunk: Buffer = NOTHING,
    ): void => {
      refused = why;
      head = chunks[0] ?? chunk;
      chunks = [];
      budget.give(held);
    };

    const declared = Number(req.headers["content-length"] ?? 0);
    if (declared > limitBytes) refuse("too_large", 0);

    req.on("data", (chunk: Buffer) => {
      if (settled) return;
      size += chunk.length;
      if (refused !== undefined) {
        if (size > 2 * limitBytes) settle({ ok: false, why: refused, head });
      } else if (size > limitBytes) refuse("too_large", size - chunk.length, chunk);
      else if (!budget.take(chunk.length)) refuse("overloaded", size - chunk.length, chunk);
      else chunks.push(chunk);
    });
    req.on("end", () => {
      if (settled) return;
      if (refused !== undefined) return settle({ ok: false, why: refused, head });
      const only = chunks[0];
      const bytes = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size);
      settle({ ok: true, bytes });
    });
    // An incomplete body ends in `close` without `end`; `error` comes before it and needs a listener.
    req.on("error", () => {});
    req.on("close", () => {
      if (settled) return;
      if (refused === undefined) budget.give(size);
      settle({ ok: false, why: "aborted", head: NOTHING });
    });
  });
}
