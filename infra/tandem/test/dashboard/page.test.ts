// The page itself: what it may run, what it weighs, how fast it draws, and whether it can be used by keyboard and on
// a phone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { type DashboardStage, openBrowser, openPage, startDashboard } from "./dashboard-stage.ts";

let stage: DashboardStage;
let opened: Browser | undefined;
before(async () => {
  stage = await startDashboard();
  await stage.fillUp();
});
after(async () => {
  await opened?.close();
  await stage.close();
});

async function shared(t: Parameters<typeof openBrowser>[0]): Promise<Browser | undefined> {
  opened ??= await openBrowser(t);
  return opened;
}

const MOST_BYTES = 100_000;
/** Loose: the machine may be busy with the other tests. The aim is 100 ms. */
const MOST_DRAW_MS = 400;

const XSS = [
  "<script>window.hit=1</script>",
  '<img src=x onerror="window.hit=1">',
  '"><svg onload=window.hit=1>',
  "'-window.hit=1-'",
  "javascript:window.hit=1",
  "{{constructor.constructor('window.hit=1')()}}",
  "</textarea><iframe srcdoc='<script>parent.hit=1</script>'>",
  "<a href=javascript:window.hit=1>x</a>",
  "\u202e<b onmouseover=window.hit=1>",
];

test("dimension values are text, whatever they say", async (t) => {
  const browser = await shared(t);
  if (!browser) return;
  await stage.post(
    ...XSS.map((country, i) => ({ atMs: stage.nowMs(), user: `x${i}`, country, product: country })),
  );
  await stage.caughtUp();
  const hash = "#range=24h&metrics=events,top_products&by=properties.country";
  const { page, complaints } = await openPage(t, browser, `${stage.url}/${hash}`, {
    key: stage.presented,
  });
  const table = page
    .locator("#panel-events")
    .locator("xpath=ancestor::section[1]")
    .locator("tbody");
  await table.locator("tr").first().waitFor({ state: "attached" });
  const shown = (await table.locator("td").allTextContents()).join("\n");
  for (const value of XSS) assert.ok(shown.includes(value), `${value} is shown as it is`);
  const top = page.locator("#panel-top_products").locator("xpath=ancestor::section[1]");
  assert.ok((await top.locator("tbody").textContent())?.includes(XSS[0] ?? ""));
  // In the view's own text too.
  const said = encodeURIComponent(`<img src=x onerror=window.hit=1>`);
  await page.goto(`${stage.url}/#metrics=${said}&where=${said}&by=${said}&zone=${said}`);
  await page.getByText("There is no metric <img src=x").waitFor();
  assert.equal(await page.evaluate("window.hit"), undefined);
  assert.equal(await page.locator("img[src=x], iframe, main script, svg").count(), 0);
  assert.equal(complaints.join("\n"), "");
});

test("the policy stands: inline code, markup from text and other origins are refused", async (t) => {
  const browser = await shared(t);
  if (!browser) return;
  const { page, complaints } = await openPage(t, browser, stage.url, { key: stage.presented });
  for (const name of ["Reconciliation", "System", "Metrics"]) {
    await page.getByRole("link", { name, exact: true }).click();
    await page.locator(`nav a[aria-current=page]`).getByText(name).waitFor();
  }
  await page.locator(".panel .words").first().waitFor();
  assert.equal(complaints.join("\n"), "");
  const refused = [
    "const s = document.createElement('script'); s.textContent = 'window.hit = 1'; document.body.append(s)",
    "document.body.innerHTML = '<b>x</b>'",
    "fetch('http://127.0.0.1:1/').catch(() => undefined)",
    "document.body.setAttribute('onclick', 'window.hit = 1'); document.body.click()",
  ];
  for (const code of refused) {
    const told = complaints.length;
    const thrown = await page.evaluate(`(async () => { ${code} })()`).then(
      () => false,
      () => true,
    );
    if (thrown) complaints.push(code);
    assert.ok(complaints.length > told, code);
  }
  assert.equal(await page.evaluate("window.hit"), undefined);
});

test("the whole page is less than 100 kB on the way, and an unchanged file is 304", async (t) => {
  const browser = await shared(t);
  if (!browser) return;
  const { page } = await openPage(t, browser, stage.url);
  const urls = (await page.evaluate(
    "performance.getEntriesByType('resource').map((e) => e.name)",
  )) as string[];
  let bytes = 0;
  const paths = [...new Set([`${stage.url}/`, ...urls])];
  for (const url of paths) {
    const answer = await fetch(url, { headers: { "accept-encoding": "br" } });
    bytes += Number(answer.headers.get("content-length"));
    await answer.arrayBuffer();
    const tag = answer.headers.get("etag") ?? "";
    const again = await fetch(url, { headers: { "if-none-match": tag } });
    assert.equal(again.status, 304, url);
  }
  t.diagnostic(`${paths.length} files, ${bytes} bytes with brotli`);
  assert.ok(paths.length > 20, paths.join(" "));
  assert.ok(bytes < MOST_BYTES, `${bytes} bytes`);
});

test("20,000 points with intervals are drawn at once", async (t) => {
  const browser = await shared(t);
  if (!browser) return;
  const { page } = await openPage(t, browser, stage.url, { key: stage.presented });
  const took = (await page.evaluate(`(async () => {
    const { lineShape } = await import(new URL("assets/web/line-shape.ts", location.href).href);
    const points = Array.from({ length: 20000 }, (_, i) => {
      const value = 1000 + 300 * Math.sin(i / 500) + (i * 7919) % 97;
      const at = (minute) => new Date(1.7e12 + minute * 60000).toISOString();
      const sealed = i < 15000;
      return { from: at(i), until: at(i + 1), value, low: sealed ? value : value * 0.98,
        high: sealed ? value : value * 1.02, exact: sealed, layer: sealed ? "batch" : "speed" };
    });
    const answer = { points, missing: [], horizon: points[15000].from, grain: "minute", by: [], unit: "events" };
    const took = [];
    for (let i = 0; i < 5; i++) {
      const shape = lineShape("Many", "events", "UTC");
      document.getElementById("main").replaceChildren(shape.element);
      // Laid out and drawn once while empty, as a panel is that waits for its answer.
      await new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)));
      const began = performance.now();
      shape.update(answer);
      await new Promise((r) => queueMicrotask(() => queueMicrotask(r)));
      took.push(performance.now() - began);
      shape.destroy();
    }
    return took;
  })()`)) as number[];
  const shown = took.map((ms) => Math.round(ms)).join(", ");
  t.diagnostic(`20,000 points: ${shown} ms`);
  assert.ok(Math.min(...took) < MOST_DRAW_MS, shown);
});

test("everything can be reached and used by keyboard alone", async (t) => {
  const browser = await shared(t);
  if (!browser) return;
  const { page } = await openPage(t, browser, `${stage.url}/#metrics=events`, {
    key: stage.presented,
  });
  await page.locator(".panel .words", { hasText: "live" }).waitFor();
  const focused = (): Promise<string> =>
    page.evaluate(
      `(() => { const e = document.activeElement; const name = e.getAttribute("aria-label") ?? e.labels?.[0]?.textContent ?? e.textContent; return e.tagName + " " + name.trim().slice(0, 40); })()`,
    ) as Promise<string>;
  const walked: string[] = [];
  async function tabTo(what: RegExp): Promise<void> {
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press("Tab");
      const now = await focused();
      walked.push(now);
      if (what.test(now)) return;
    }
    assert.fail(`${what} is not reached: ${walked.join(" | ")}`);
  }
  await tabTo(/^A To the content/);
  await tabTo(/^A System/);
  await tabTo(/^BUTTON Live/);
  await tabTo(/^INPUT Revenue/);
  await page.keyboard.press("Space");
  await page.locator("#panel-revenue").waitFor();
  assert.match(await focused(), /^INPUT Revenue/, "what was used keeps the focus");
  for (const name of [/^SELECT Range/, /^SELECT By/, /^SELECT Break down/, /^SELECT Compare/])
    await tabTo(name);
  await tabTo(/^INPUT Time zone/);
  await tabTo(/^INPUT Only where/);
  await tabTo(/^DIV Events: line chart/);
  const readout = page.locator(".readout").first();
  assert.equal(await readout.textContent(), "");
  await page.keyboard.press("ArrowLeft");
  const first = await readout.textContent();
  assert.match(first ?? "", / — .*(live|sealed)/);
  await page.keyboard.press("ArrowLeft");
  assert.notEqual(await readout.textContent(), first);
  await tabTo(/^SUMMARY Table/);
  await page.keyboard.press("Enter");
  await page.locator(".panel").first().getByRole("row").nth(1).waitFor();
  await tabTo(/^DIV Events: table/);
});

test("a phone's width never scrolls sideways; every control and figure has a name", async (t) => {
  const browser = await shared(t);
  if (!browser) return;
  const long = "W".repeat(120);
  await stage.post({ atMs: stage.nowMs(), country: long, product: long });
  await stage.caughtUp();
  const views = [
    "#metrics=events,revenue,checkout_funnel,top_products,retention&range=7d&by=properties.country",
    "#page=reconciliation",
    "#page=system",
    `#metrics=${long}`,
  ];
  for (const dark of [false, true]) {
    const { page } = await openPage(t, browser, stage.url, {
      key: stage.presented,
      width: 360,
      height: 740,
      dark,
    });
    for (const view of views) {
      await page.goto(`${stage.url}/${view}`);
      await page.locator("h1").waitFor({ state: "attached" });
      const there = page.locator(".bars li, .tile, .trouble:not(:empty)");
      await there.first().waitFor();
      const width = await page.evaluate("document.documentElement.scrollWidth");
      assert.ok(Number(width) <= 360, `${view} is ${width} px wide`);
      const nameless = await page.evaluate(
        `[...document.querySelectorAll("button, input, select, a, [role=img], [role=region]")].filter((e) => !(e.getAttribute("aria-label") ?? e.labels?.[0]?.textContent ?? e.textContent).trim()).map((e) => e.outerHTML)`,
      );
      assert.deepEqual(nameless, []);
    }
  }
});
