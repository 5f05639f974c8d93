// A dead letter as it would be sent again: patched, under the event id it had, received when it was received. Then
// replaying twice counts once, and the day it counts in is the one it would have counted in.
import {
  type DeadLetter,
  type DeadLetters,
  EventFacts,
  formatInstant,
  type Problem,
  validateEvent,
} from "@tandem/shared-logic";
import { BadPatch, patched } from "./json-patch.ts";

export type Fixed =
  | { readonly ok: true; readonly bytes: Uint8Array }
  /** Why it cannot be sent. */
  | { readonly ok: false; readonly why: string };

const PAGE = 500;

export async function findLetter(
  deadLetters: Pick<DeadLetters, "list">,
  id: string,
  tenant: string,
): Promise<DeadLetter | undefined> {
  for (let after = ""; ; ) {
    const page = await deadLetters.list({ tenant, after, limit: PAGE });
    const found = page.find((l) => l.id === id);
    const last = page.at(-1)?.id;
    if (found || last === undefined || last > id) return found;
    after = last;
  }
}

/** Pure. `patch`: JSON text; undefined sends the event as it came. */
export function fixed(letter: DeadLetter, patch: string | undefined): Fixed {
  const no = (why: string): Fixed => ({ ok: false, why });
  if (letter.truncated)
    return no(`only ${letter.bytes.length} of its ${letter.eventBytes} bytes were kept`);
  let before: unknown;
  let event: unknown;
  try {
    before = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(letter.bytes));
    event = patch === undefined ? before : patched(before as never, JSON.parse(patch));
  } catch (error) {
    if (error instanceof BadPatch) return no(`the patch does not fit: ${error.message}`);
    return no(`event or patch is no JSON: ${error instanceof Error ? error.message : ""}`);
  }
  if (typeof event !== "object" || event === null || Array.isArray(event))
    return no("an event is an object");
  const [was, is] = [idOf(before), idOf(event)];
  if (was !== undefined && was !== is)
    return no(`its event_id is ${was} and stays so: under another one it would count twice`);
  const received = "received_at" in event ? {} : { received_at: formatInstant(letter.receivedMs) };
  const bytes = new TextEncoder().encode(JSON.stringify({ ...event, ...received }));
  const facts = validateEvent(bytes, 0, bytes.length);
  if (!(facts instanceof EventFacts)) return no(facts.map(problemText).join("; "));
  return { ok: true, bytes };
}

const idOf = (event: unknown): string | undefined => {
  const id =
    typeof event === "object" && event !== null && "event_id" in event ? event.event_id : undefined;
  return typeof id === "string" && id !== "" ? id : undefined;
};

export const problemText = ({ path, expected, got }: Problem): string =>
  `${path === "" ? "event" : path}: expected ${expected}, got ${got}`;
