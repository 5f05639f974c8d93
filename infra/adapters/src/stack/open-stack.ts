// Opens the ports that a process needs, by configuration. An adapter's folder is loaded only where it is
// chosen, so that an embedded installation needs no client library. Opening verifies and makes nothing on
// real servers (`setUpStack` does); what was opened before a failure is closed again.
import { type Clock, chooseKernels } from "@tandem/shared-logic";
import { chosenPorts } from "./chosen-ports.ts";
import type { TandemConfig } from "./config-schema.ts";
import { OPENERS } from "./port-openers.ts";
import type { PortName, StackContext, StackPorts } from "./stack-ports.ts";

export type Stack<N extends PortName> = Pick<StackPorts, N> & {
  readonly clock: Clock;
  close(): Promise<void>;
};

/** The order of opening; closing goes the other way round. */
const ORDER: readonly PortName[] = [
  "views",
  "log",
  "objects",
  "checkpoints",
  "deadLetters",
  "jobs",
  "group",
  "notifications",
  "foreign",
];

/** The caller owns the data directory where `needsDataDir` says so. */
export async function openStack<N extends PortName>(
  config: TandemConfig,
  context: StackContext,
  needs: readonly N[],
): Promise<Stack<N>> {
  if (config.kernels === "js") chooseKernels("js");
  const chosen = chosenPorts(config);
  const opened: Partial<Record<PortName, unknown>> = {};
  const closing: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const one of closing.splice(0).reverse()) await one();
  };
  try {
    for (const name of ORDER) {
      if (!needs.some((need) => need === name)) continue;
      const port = await OPENERS[name]({ chosen, config, context, needs });
      opened[name] = port;
      const { close: closePort } = port;
      if (closePort) closing.push(() => closePort.call(port));
    }
  } catch (error) {
    await close();
    throw error;
  }
  const ports = opened as Pick<StackPorts, N>;
  return { ...ports, clock: context.clock, close };
}
