// docs/query-api.md is done as it stands, on an embedded stack in an empty folder: its events are loaded, its commands
// run, each of its questions is asked over HTTP, and its TypeScript runs. What it shows is what comes.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, test } from "node:test";
import { keyMaking, systemClock } from "@tandem/adapters/embedded";
import * as client from "@tandem/client";
import { createKey, ledgerKeyStore } from "@tandem/shared-logic";
import { openOrAsk } from "../../src/commands/access.ts";
import { runProgram } from "../../src/commands/program.ts";
import { startTandem } from "../../src/start-tandem.ts";
import { commandsOf } from "../runbook/read-runbook.ts";
import { words } from "../runbook/run-page.ts";

const page = readFileSync(new URL("../../../../docs/query-api.md", import.meta.url), "utf8");
const folder = mkdtempSync(join(tmpdir(), "tandem-query-api-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const dataDir = join(folder, "data");
const ANY = "…";

async function typed(command: string, prints: readonly string[]): Promise<void> {
  const [npx, name, ...argv] = words(command);
  assert.deepEqual([npx, name], ["npx", "tandem"], command);
  let text = "";
  const say = (t: string): void => {
    text += t;
  };
  const code = await runProgram([...argv, "--data", dataDir], {
    io: { out: say, err: say, stdin: Readable.from([]), cwd: folder },
    access: openOrAsk,
    version: "0",
    description: "",
    mayRun: false,
  });
  assert.equal(code, 0, `${command}\n${text}`);
  let at = 0;
  for (const line of prints) {
    const found = text.indexOf(line, at);
    assert.ok(found >= 0, `${command} does not print "${line}" there:\n${text}`);
    at = found + line.length;
  }
}

/** All that the page shows is there: lists whole, objects with at least these fields, and `…` is anything. */
function shows(shown: unknown, came: unknown, where: string): void {
  if (shown === ANY) {
    assert.notEqual(came, undefined, where);
    return;
  }
  if (typeof shown !== "object" || shown === null) {
    assert.equal(came, shown, where);
    return;
  }
  assert.ok(typeof came === "object" && came !== null, where);
  if (Array.isArray(shown)) assert.equal((came as unknown[]).length, shown.length, where);
  for (const [key, value] of Object.entries(shown))
    shows(value, (came as Record<string, unknown>)[key], `${where}.${key}`);
}

function showsText(shown: string, came: string, address: string): void {
  const [lines, own] = [shown, came].map((t) => t.trimEnd().split(/\r?\n/));
  assert.equal(own?.length, lines?.length, came);
  for (const [i, line] of lines?.entries() ?? []) {
    const text = own?.[i] ?? "";
    if (line.startsWith("{")) shows(JSON.parse(line), JSON.parse(text), `${address} line ${i}`);
    else assert.equal(line.endsWith(ANY) ? `${text.replace(/[^,]*$/, "")}${ANY}` : text, line);
  }
}

test("the page, from its first example to its last", async (t) => {
  const fences = [...page.matchAll(/^```(\w*) ?(\S*)\n(.*?)^```$/gms)];
  for (const [, kind, file = "", body = ""] of fences)
    if (kind === "ndjson") writeFileSync(join(folder, file), body);
  const commands = fences.filter(([, kind]) => kind === "").flatMap(([fence]) => commandsOf(fence));
  const typable = commands.filter((c) => c.typed.startsWith("npx tandem "));
  for (const { typed: line, prints } of typable) await typed(line, prints);
  assert.equal(typable.length, 4);

  const clock = systemClock();
  const running = await startTandem({
    ...{ host: "127.0.0.1", port: 0, parts: ["serve"], clock, dataDir, metricFolders: [] },
    onError: (error) => assert.fail(String(error)),
  });
  t.after(() => running.stop());
  const { tandem, url = "" } = running;
  const asked = { tenant: "default", scopes: ["read"] } as const;
  const keys = ledgerKeyStore(tandem.ports.views);
  const { presented: key } = await createKey(keys, keyMaking, asked, clock.now());

  let next = "";
  const questions = fences.filter(([, kind]) => kind === "http");
  for (const [, , , body = ""] of questions) {
    const [, path = "", status, shown = ""] =
      /^GET ([^\n]+)\n\n(\d{3})\n(.*)$/s.exec(body) ?? assert.fail(body);
    const response = await fetch(url + path.replace(ANY, next), {
      headers: { authorization: `Bearer ${key}` },
    });
    const came = await response.text();
    assert.equal(response.status, Number(status), `${path}\n${came}`);
    if (/[?&]format=/.test(path)) showsText(shown, came, path);
    else {
      const answer = JSON.parse(came) as { next?: string };
      shows(JSON.parse(shown), answer, path);
      next = answer.next ?? next;
    }
  }
  assert.equal(questions.length, 9);

  const [source = "", ...more] = fences.filter(([, kind]) => kind === "ts").map((f) => f[3] ?? "");
  assert.equal(more.length, 0);
  const runnable = stripTypeScriptTypes(source)
    .replace(/^import .*$/m, "")
    .replace("https://tandem.example", url)
    .replace("tdm_…", key);
  const seen: unknown[] = [];
  const no = (...said: unknown[]): never => assert.fail(JSON.stringify(said));
  const names = ["condition", "createClient", "country", "show", "retryAfter", "explain"];
  const given = [client.condition, client.createClient, "DE", (p: unknown) => seen.push(p), no, no];
  await new Function(...names, `return (async () => {${runnable}})();`)(...given);
  shows([[{ value: 15.75 }], [{ value: 107 }, { value: 20 }], [{ value: 15.75 }]], seen, "client");
});
