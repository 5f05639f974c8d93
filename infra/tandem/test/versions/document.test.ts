// docs/metric-versions.md is run: its files are written, its commands typed in their order, and what it prints after a
// command stands in that command's output, line by line in that order.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { openOrAsk } from "../../src/commands/access.ts";
import { runProgram } from "../../src/commands/program.ts";

const PAGE = fileURLToPath(new URL("../../../../docs/metric-versions.md", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "tandem-versions-"));
const metrics = join(folder, "metrics");
mkdirSync(metrics);
process.env["TANDEM_BATCH_THREADS"] = "0";
after(() => rmSync(folder, { recursive: true, force: true }));

interface Said {
  readonly code: number;
  readonly text: string;
}

async function tandem(argv: readonly string[]): Promise<Said> {
  let text = "";
  const io = {
    out: (t: string) => {
      text += t;
    },
    err: (t: string) => {
      text += t;
    },
    stdin: Readable.from([]),
    cwd: folder,
  };
  const options = { io, access: openOrAsk, version: "0", description: "", mayRun: false };
  const where = ["--data", join(folder, "data"), "--metrics", metrics];
  return { code: await runProgram([...argv, ...where], options), text };
}

test("every command of the page prints what the page says", async () => {
  let typed = 0;
  for (const [, head = "", body = ""] of readFileSync(PAGE, "utf8").matchAll(
    /^```([^\n]*)\n(.*?)^```$/gms,
  )) {
    const file = head.split(" ")[1];
    if (file) writeFileSync(join(file.endsWith(".ts") ? metrics : folder, file), body);
    if (head !== "") continue;
    for (const step of body.split(/^\$ /m).filter((s) => s !== "")) {
      const [line = "", ...printed] = step.trimEnd().split("\n");
      const [name, ...argv] = line.split(" ");
      typed++;
      if (name === "rm") rmSync(join(metrics, argv[0] ?? ""));
      else {
        const { code, text } = await tandem(argv);
        const differs = argv[0] === "diff" && printed.some((p) => p.includes("differ on"));
        assert.equal(code, differs ? 3 : 0, `${line}: ${text}`);
        let at = 0;
        for (const expected of printed) {
          const found = text.indexOf(expected, at);
          assert.ok(found >= 0, `${line}: no ${JSON.stringify(expected)} in ${text}`);
          at = found + expected.length;
        }
      }
    }
  }
  assert.ok(typed >= 13, String(typed));
});

test("what cannot be done is refused and leaves its exit code", async () => {
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [["diff", "orders@2", "orders@9"], 2, /orders@9 is no NAME@VERSION that is loaded; there are/],
    [["diff", "orders", "orders@2"], 2, /orders is no NAME@VERSION/],
    [["diff", "orders@2", "events@1", "--until", "2019-01-01"], 2, /no day has a run of both/],
    [["diff", "orders@2", "orders@2"], 0, /identical on 2 days/],
    [["metrics", "show", "orders@7"], 2, /no NAME@VERSION/],
    [["metrics", "retire", "orders"], 2, /no NAME@VERSION/],
    [["metrics", "retire", "orders@7"], 2, /never was active/],
    [["query", "orders@1", "--from", "2019-10-01", "--until", "2019-10-02"], 2, /unknown_metric/],
  ];
  for (const [argv, code, says] of cases) {
    const said = await tandem(argv);
    assert.equal(said.code, code, `${argv.join(" ")}: ${said.text}`);
    assert.match(said.text, says);
  }
  const { code, text } = await tandem(["diff", "orders@2", "events@1", "--format", "json"]);
  const found = JSON.parse(text.slice(text.indexOf("{")));
  assert.equal(code, 3);
  assert.deepEqual([found.days_differing, found.identical], [["2019-10-01", "2019-10-02"], false]);
  assert.deepEqual(
    [found.first.day, found.first.same_events, found.events.minimal, found.events.events.length],
    ["2019-10-01", true, true, 1],
  );
  assert.equal(JSON.parse(found.events.events[0]).event_type, "view");
});
