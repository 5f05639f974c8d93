// An operations port over telemetry that a scenario reports to, where no process of an installation does.
import { type PrometheusTelemetry, prometheusTelemetry } from "@tandem/adapters/prometheus";
import { operationsServer } from "@tandem/adapters/stack";
import type { Installation } from "./installation.ts";

export async function operationsOf(
  site: Installation,
): Promise<{ readonly telemetry: PrometheusTelemetry; readonly operations: string }> {
  const telemetry = prometheusTelemetry({ processFigures: false });
  const server = await operationsServer({
    ...{ host: "127.0.0.1", port: 0, metrics: telemetry },
    unready: async () => undefined,
  });
  site.atEnd(() => server.close());
  return { telemetry, operations: `127.0.0.1:${server.port}` };
}
