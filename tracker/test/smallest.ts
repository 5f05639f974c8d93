// Our sources as one text as a minifier would make it, more or less: types stripped by node, comments, imports and
// needless white space taken out, and names that are nobody's property made short. Enough to measure with.
import { globSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";

/** Our own code's comments stand on lines of their own. */
const bare = (path: string): string =>
  stripTypeScriptTypes(readFileSync(path, "utf8"))
    .replaceAll(/^\s*(\/\/|\/?\*).*$/gm, "")
    .replaceAll(/^import [^;]*;$|^export \* from [^;]*;$/gm, "")
    .replaceAll(/^export /gm, "")
    .replaceAll(/\s+/g, " ")
    .replaceAll(/ ?([{}()[\];,:?=<>+*&|!.]) ?/g, "$1");

/** Names that are declared, stand in no text and are never written as a property, a key or in short form. */
function shortened(text: string, keep: string): string {
  const declared = /\b(?:const|let|function|class) (\w{3,})/g;
  const names = new Set([...text.matchAll(declared)].map((m) => m[1] ?? ""));
  let small = text;
  let next = 0;
  for (const name of names) {
    const asProperty = new RegExp(`[.'"-]${name}\\b|\\b${name}:|[{,]${name}[,}]`);
    if (name === keep || asProperty.test(text.replaceAll("...", "..( "))) continue;
    small = small.replaceAll(new RegExp(`\\b${name}\\b`, "g"), `$${(next++).toString(36)}`);
  }
  return small;
}

export function smallest(folder: string, without: readonly string[], keep: string): string {
  const files = globSync("*.ts", { cwd: folder }).sort();
  const chosen = files.filter((f) => !without.includes(f));
  return shortened(chosen.map((f) => bare(join(folder, f))).join(""), keep);
}
