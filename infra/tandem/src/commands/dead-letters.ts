// `tandem dead-letters`: what was rejected and why; bodies are shown to whoever can read the directory. What was
// fixed is sent again through the collector's validation, under the event id it had.
import { COLLECTOR_LIMITS, collectorCounters, createAcceptor } from "@tandem/ingest";
import { type DeadLetter, formatInstant } from "@tandem/shared-logic";
import { findLetter, fixed, problemText } from "../dead-letters/replay.ts";
import type { Tandem } from "../tandem.ts";
import type { Io } from "./io.ts";

export async function listDeadLetters(
  tandem: Tandem,
  o: { readonly limit: number },
  io: Io,
): Promise<void> {
  const { deadLetters } = tandem.ports;
  const count = await deadLetters.count();
  for (const letter of await deadLetters.list({ limit: o.limit })) {
    const problem = letter.problems[0];
    io.out(`${headOf(letter)}${problem ? ` ${problemText(problem)}` : ""}\n`);
  }
  io.out(`${count.entries} kept (${count.sizeBytes} bytes), ${count.dropped} given up for space\n`);
}

const headOf = (l: DeadLetter): string =>
  `${l.id}  ${formatInstant(l.receivedMs)}  ${l.tenant}  ${l.reason}`;

/** False where there is no such letter of the tenant. */
export async function showDeadLetter(
  tandem: Tandem,
  id: string,
  o: { readonly tenant: string },
  io: Io,
): Promise<boolean> {
  const letter = await findLetter(tandem.ports.deadLetters, id, o.tenant);
  if (!letter) return unknown(id, o.tenant, io);
  io.out(`${headOf(letter)}\n`);
  for (const problem of letter.problems) io.out(`  ${problemText(problem)}\n`);
  const cut = letter.truncated ? `  (${letter.eventBytes} bytes, cut short)` : "";
  io.out(`${new TextDecoder().decode(letter.bytes)}${cut}\n`);
  return true;
}

/** Shows what a patch makes of a letter; nothing is sent. False where it would be rejected again. */
export async function fixDeadLetter(
  tandem: Tandem,
  id: string,
  o: { readonly tenant: string; readonly patch: string },
  io: Io,
): Promise<boolean> {
  const letter = await findLetter(tandem.ports.deadLetters, id, o.tenant);
  if (!letter) return unknown(id, o.tenant, io);
  const event = fixed(letter, o.patch);
  if (event.ok) io.out(`${new TextDecoder().decode(event.bytes)}\n`);
  else io.err(`${id}: ${event.why}\n`);
  return event.ok;
}

/** Sends letters again; false where one could not be. */
export async function replayDeadLetters(
  tandem: Tandem,
  ids: readonly string[],
  o: { readonly tenant: string; readonly patch?: string },
  io: Io,
): Promise<boolean> {
  const counters = collectorCounters();
  const acceptor = createAcceptor({
    ...tandem.ports,
    dataset: tandem.dataset.dataset,
    limits: COLLECTOR_LIMITS,
    counters,
  });
  let all = true;
  for (const id of ids) {
    const letter = await findLetter(tandem.ports.deadLetters, id, o.tenant);
    const event = letter && fixed(letter, o.patch);
    if (!event) all = unknown(id, o.tenant, io);
    else if (!event.ok) {
      io.err(`${id}: ${event.why}\n`);
      all = false;
    } else {
      const before = counters.accepted;
      await acceptor.accept({ body: event.bytes, tenant: o.tenant, mode: "import" });
      const sent = counters.accepted > before;
      if (sent) io.out(`${id}  sent again\n`);
      else io.err(`${id}: not accepted; try again\n`);
      all &&= sent;
    }
  }
  return all;
}

function unknown(id: string, tenant: string, io: Io): false {
  io.err(`no dead letter ${id} of tenant ${tenant}; tandem dead-letters lists them\n`);
  return false;
}
