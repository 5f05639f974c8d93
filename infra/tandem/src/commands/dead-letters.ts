// `tandem dead-letters`: what was rejected and why; bodies are shown to whoever can read the directory.
import { formatInstant } from "@tandem/shared-logic";
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
    const what = problem
      ? ` ${problem.path === "" ? "event" : problem.path}: expected ${problem.expected}, got ${problem.got}`
      : "";
    io.out(
      `${letter.id}  ${formatInstant(letter.receivedMs)}  ${letter.tenant}  ${letter.reason}${what}\n`,
    );
  }
  io.out(`${count.entries} kept (${count.sizeBytes} bytes), ${count.dropped} given up for space\n`);
}
