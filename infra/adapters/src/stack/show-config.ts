// The effective configuration for people: every setting, its value, where it came from; secrets as ***.
import type { LoadedConfig } from "./load-config.ts";
import { SETTINGS } from "./setting-list.ts";

export function configValue(config: object, path: string): unknown {
  let at: unknown = config;
  for (const key of path.split(".")) at = (at as Record<string, unknown> | undefined)?.[key];
  return at;
}

export function showConfig({ config, sources, file }: LoadedConfig): string {
  const lines = SETTINGS.map((s) => {
    const value = configValue(config, s.path);
    const shown = value === undefined ? "" : s.secret ? "***" : JSON.stringify(value);
    return `${s.path} = ${shown === "" ? "(not set)" : shown}  # ${sources.get(s.path)}`;
  });
  return `${file === undefined ? "" : `# file ${file}\n`}${lines.join("\n")}\n`;
}
