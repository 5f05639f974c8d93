// A configuration file as its server reads it: a template of conf/ with every ${name} filled in.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Folders } from "../folders.ts";

const templates = fileURLToPath(new URL("../../conf", import.meta.url));

export const confTemplate = (name: string): string => join(templates, name);

function fillTemplate(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new RangeError(`the template wants ${name}`);
    return String(value);
  });
}

/** Its path. */
export function writeConf(
  folders: Folders,
  template: string,
  name: string,
  values: Readonly<Record<string, string | number>>,
): string {
  const path = join(folders.conf, name);
  writeFileSync(path, fillTemplate(readFileSync(confTemplate(template), "utf8"), values));
  return path;
}
