// `tandem metrics`: the catalogue, a line each.
import type { Tandem } from "../tandem.ts";
import type { Io } from "./io.ts";

export function listMetrics(tandem: Tandem, io: Io): void {
  for (const m of [...tandem.metrics].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const sets = m.by.map((set) => set.join("+")).join(", ");
    io.out(`${m.name}@${m.version}  ${m.title} (${m.unit})${sets === "" ? "" : `  by ${sets}`}\n`);
  }
}
