// Which processes an installation is made of, from `processes` in the configuration: a port list for
// collectors and serving, numbers of the others, a bridge where a foreign topic is named, and consecutive
// operations ports. Pure.
import type { TandemConfig } from "@tandem/adapters/stack";

export interface PlannedProcess {
  /** Such as `collect-8080` or `speed-2`; unlike any other's. */
  readonly name: string;
  /** From the repository's root. */
  readonly file: string;
  readonly args: readonly string[];
  /** Settings of this process alone. */
  readonly env: Readonly<Record<string, string>>;
  readonly operationsPort: number;
}

export function plannedProcesses({
  processes: p,
  bridge,
}: Pick<TandemConfig, "processes" | "bridge">): PlannedProcess[] {
  const numbered = (name: string, count: number) =>
    Array.from({ length: count }, (_, i) => ({ name: `${name}-${i + 1}`, env: {} }));
  const ported = (name: string, setting: string, ports: readonly number[]) =>
    ports.map((port) => ({ name: `${name}-${port}`, env: { [setting]: String(port) } }));
  const kinds = [
    ["ingest/main.ts", ["archive"], numbered("archive", p.archive)],
    ["speed-layer/main.ts", [], numbered("speed", p.speed)],
    ["batch-layer/main.ts", [], numbered("batch", p.batch)],
    ["serving/main.ts", [], ported("serve", "TANDEM_SERVING_PORT", p.servingPorts)],
    ["ingest/main.ts", ["collect"], ported("collect", "TANDEM_COLLECTOR_PORT", p.collectorPorts)],
    // The last, so that nobody's port depends on it.
    ["ingest/main.ts", ["bridge"], numbered("bridge", bridge.topic === undefined ? 0 : 1)],
  ] as const;
  return kinds
    .flatMap(([file, args, named]) => named.map(({ name, env }) => ({ file, args, name, env })))
    .map((one, i) => {
      const operationsPort = p.operationsPort + i;
      const env = { ...one.env, TANDEM_OPERATIONS_PORT: String(operationsPort) };
      return { ...one, env, operationsPort };
    });
}
