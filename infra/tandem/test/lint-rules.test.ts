// Proves that each lint rule of biome.json really fires: a table of one-line files, good and bad,
// is written under a temporary folder at the paths that the overrides name, and linted in one run.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const use = (spec: string): string => `import { x } from "${spec}";\nexport const y = x();\n`;

type Row = readonly [where: string, code: string, rule: string | undefined];
const imports = "lint/style/noRestrictedImports";
const globals = "lint/style/noRestrictedGlobals";
const props = "lint/nursery/noJsRestrictedProperties";
const rows: readonly Row[] = [
  ["shared-logic/src", use("./ok.ts"), undefined],
  ["shared-logic/src/deep", use("../ok.ts"), undefined],
  ["shared-logic/src", use("node:fs"), imports],
  ["shared-logic/src", use("node:fs"), "lint/correctness/noNodejsModules"],
  ["shared-logic/src", use("fs"), imports],
  ["shared-logic/src", use("zod"), imports],
  ["shared-logic/src", use("@tandem/ingest"), imports],
  ["shared-logic/src", use("../../ingest/src/index.ts"), imports],
  ["shared-logic/src", 'export { x } from "zod";\n', imports],
  ["shared-logic/src", 'export * from "zod";\n', imports],
  ["shared-logic/src", 'import type { X } from "zod";\nexport type Y = X;\n', imports],
  ["shared-logic/src", 'export const y = await import("zod");\n', imports],
  ["shared-logic/src", use("./ok"), "lint/correctness/useImportExtensions"],
  ["shared-logic/src", "export const y = Date.now();\n", globals],
  ["shared-logic/src", "export const y = Date.now();\n", props],
  ["shared-logic/src", "export const y = new Date();\n", globals],
  ["shared-logic/src", "export const y = Math.random();\n", props],
  ["shared-logic/src", "const { random } = Math;\nexport const y = random();\n", props],
  ["shared-logic/src", "export const y = globalThis.Math.random();\n", globals],
  ["shared-logic/src", "export const y = performance.now();\n", globals],
  ["shared-logic/src", 'export const y = process.env["A"];\n', globals],
  ["shared-logic/src", "console.log(1);\n", globals],
  ["shared-logic/src", "export const y = await fetch('');\n", globals],
  ["shared-logic/src", "export const y = Buffer.alloc(1);\n", globals],
  ["shared-logic/src", "export const y = Math.floor(1.5);\n", undefined],
  ["shared-logic/src", "export const y = new TextEncoder();\n", undefined],
  ["shared-logic/test", `${use("node:fs")}export const z = Date.now();\n`, undefined],
  ["shared-logic/test", use("fast-check"), undefined],
  ["shared-logic/test", use("@tandem/shared-logic/testing"), undefined],
  ["shared-logic/test", use("@tandem/serving"), imports],
  ["infra/adapters/src/kafka", use("@tandem/shared-logic"), undefined],
  ["infra/adapters/src/kafka", use("kafkajs"), undefined],
  ["infra/adapters/src/kafka", use("../memory/ok.ts"), undefined],
  ["infra/adapters/test", use("@tandem/shared-logic/testing"), undefined],
  ["infra/adapters/src/kafka", use("@tandem/ingest"), imports],
  ["infra/adapters/src/kafka", use("@tandem/tandem"), imports],
  ["infra/adapters/src/kafka", use("../../../../ingest/src/index.ts"), imports],
  ["infra/adapters/src/kafka", use("../../../tandem/src/index.ts"), imports],
  ["infra/servers/src", use("node:timers/promises"), undefined],
  ["infra/servers/src", use("./deep/a.ts"), undefined],
  ["infra/servers/src/deep", use("../ok.ts"), undefined],
  ["infra/servers/src", use("zod"), imports],
  ["infra/servers/test", use("fast-check"), imports],
  ["infra/servers/src", use("@tandem/shared-logic"), imports],
  ["infra/servers/src", use("../../adapters/src/memory/index.ts"), imports],
  ["infra/tandem/src", use("@tandem/adapters/embedded"), undefined],
  ["infra/tandem/src", use("@tandem/serving"), undefined],
  ["infra/tandem/src", use("@tandem/tandem"), imports],
  ["infra/tandem/src", use("../../adapters/src/memory/index.ts"), imports],
  ["infra/tandem/src", use("../../../serving/src/index.ts"), imports],
];
const layers = ["ingest", "speed-layer", "batch-layer", "serving"] as const;
const layerRows = layers.flatMap((l): readonly Row[] => {
  const other = l === "ingest" ? "serving" : "ingest";
  return [
    [`${l}/src`, use("@tandem/shared-logic"), undefined],
    [`${l}/src`, use("node:fs"), undefined],
    [`${l}/src`, use("zod"), undefined],
    [`${l}/src`, use(`./${other}/a.ts`), undefined],
    [`${l}/src`, use(`@tandem/${other}`), imports],
    [`${l}/src`, use(`@tandem/${other}/deep`), imports],
    [`${l}/src`, use("@tandem/adapters/memory"), imports],
    [`${l}/src/deep`, use(`../../../${other}/src/index.ts`), imports],
    [`${l}/src`, use(`../../${other}/src/index.ts`), imports],
    [`${l}/src`, use("../../shared-logic/src/index.ts"), imports],
    [`${l}/src`, 'export const y = await import("@tandem/adapters/memory");\n', imports],
    [`${l}/test`, use(`@tandem/${other}`), imports],
    [`${l}/src`, use("@tandem/shared-logic/testing"), undefined],
    [`${l}/src`, use("@tandem/tandem"), imports],
    [`${l}/test`, use("@tandem/adapters/memory"), imports],
    [`${l}/MAIN0`, use("@tandem/adapters/memory"), undefined],
    [`${l}/MAIN1`, use("@tandem/tandem"), imports],
    [`${l}/MAIN2`, use(`@tandem/${other}`), imports],
    [`${l}/MAIN3`, use(`../${other}/src/index.ts`), imports],
  ];
});

describe("biome.json", () => {
  const all = [...rows, ...layerRows];
  const seen = new Map<string, Set<string>>();
  let dir = "";
  // A layer has one main.ts, so its cases go into trees of their own; all others share tree 0.
  const nameOf = (where: string, i: number): string =>
    /\/MAIN\d$/.test(where)
      ? `${where.at(-1)}/${dirname(where)}/main.ts`
      : `0/${where}/case${i}.ts`;
  const biome = join(root, "node_modules/@biomejs/biome/bin/biome");

  const lint = (tree: string): void => {
    copyFileSync(join(root, "biome.json"), join(dir, tree, "biome.json"));
    const out = spawnSync(
      process.execPath,
      [biome, "lint", "--vcs-enabled=false", "--max-diagnostics=none", "--reporter=rdjson", "."],
      { cwd: join(dir, tree), encoding: "utf8" },
    );
    const report = JSON.parse(out.stdout) as {
      diagnostics: { code: { value: string }; location: { path: string } }[];
    };
    for (const d of report.diagnostics) {
      const path = `${tree}/${d.location.path}`;
      seen.set(path, (seen.get(path) ?? new Set<string>()).add(d.code.value));
    }
  };

  before(() => {
    dir = mkdtempSync(join(tmpdir(), "tandem-lint-"));
    const write = (path: string, code: string): void => {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), code);
    };
    all.forEach(([where, code], i) => {
      write(nameOf(where, i), code);
    });
    // useImportExtensions and the resolver only speak about files that exist.
    write("0/shared-logic/src/ok.ts", "export const x = (): number => 1;\n");
    for (const tree of readdirSync(dir)) lint(tree);
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  all.forEach(([where, code, rule], i) => {
    it(`${where}: ${code.trim().split("\n")[0]} -> ${rule ?? "clean"}`, () => {
      const found = seen.get(nameOf(where, i)) ?? new Set<string>();
      if (rule !== undefined) assert.ok(found.has(rule), [...found].join(" "));
      else
        assert.deepEqual(
          [...found].filter((r) => [imports, globals, props].includes(r)),
          [],
        );
    });
  });
});
