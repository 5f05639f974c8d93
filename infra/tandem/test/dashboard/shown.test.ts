// What a person sees of the numbers: what is sealed and what is live, how it moves, how a heal changes it, and a link
// that shows somebody else the same.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { DAY_MS, formatDay, HOUR_MS, type UtcDay } from "@tandem/shared-logic";
import type { Browser, Locator, Page } from "playwright-core";
import { type DashboardStage, openBrowser, openPage, startDashboard } from "./dashboard-stage.ts";

let stage: DashboardStage;
const browsers: Browser[] = [];
before(async () => {
  stage = await startDashboard();
  await stage.fillUp();
  // Somebody is new on every day, at whatever hour this runs.
  await stage.post({ atMs: stage.nowMs(), user: "newcomer", country: "DE", product: "product-1" });
  await stage.caughtUp();
  await stage.tandem.batch.run({});
});
after(async () => {
  for (const browser of browsers) await browser.close();
  await stage.close();
});

const panel = (page: Page, name: string): Locator =>
  page.locator(".panel").filter({ has: page.locator(`#panel-${name}`) });

/** Cells of the table's rows, without opening it. */
async function rows(of: Locator): Promise<string[][]> {
  const found: string[][] = [];
  for (const row of await of.locator("tbody tr").all())
    found.push(await row.locator("th, td").allTextContents());
  return found;
}

async function shared(t: Parameters<typeof openBrowser>[0]): Promise<Browser | undefined> {
  const [known] = browsers;
  const browser = known ?? (await openBrowser(t));
  if (browser && !known) browsers.push(browser);
  return browser;
}

/** Until it is so; milliseconds that it took. */
async function soon(what: () => Promise<boolean>, mostMs = 8000): Promise<number> {
  const began = Date.now();
  while (!(await what())) {
    if (Date.now() - began > mostMs) throw new Error(`not within ${mostMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return Date.now() - began;
}

test("the door: a wrong key is refused in words, a right one opens and is in no address", async (t) => {
  const browser = await shared(t);
  if (!browser) return;
  const { page } = await openPage(t, browser, stage.url);
  const field = page.getByLabel("API key", { exact: true });
  await field.fill("nonsense");
  await field.press("Enter");
  await page.getByText("That is not an API key.").waitFor();
  await field.fill(stage.presented);
  await field.press("Enter");
  await page.locator(".panel").first().waitFor();
  assert.ok(!page.url().includes("tdm_"));
  assert.equal(await page.evaluate("JSON.stringify(localStorage)"), "{}");
  await page.reload();
  await page.locator(".panel").first().waitFor();
  await page.getByRole("button", { name: "Forget key" }).click();
  await field.waitFor();
  assert.equal(await page.evaluate('sessionStorage.getItem("tandem.key")'), null);
});

test("a line says in words and in its legend what is sealed and what is live; lists have their shapes", async (t) => {
  const browser = await shared(t);
  if (!browser) return;
  const hash = "#range=7d&grain=day&metrics=events,checkout_funnel,retention,top_products";
  const { page } = await openPage(t, browser, `${stage.url}/${hash}`, { key: stage.presented });
  const events = panel(page, "events");
  await events.getByText(/^Sealed from .*00:00 until .*00:00; the rest is live\.$/).waitFor();
  assert.deepEqual((await events.locator(".legend li").allTextContents()).slice(0, 2), [
    "sealed by batch",
    "live",
  ]);
  assert.ok((await events.locator("canvas").count()) > 0);
  const [newest, second] = await rows(events);
  assert.deepEqual([newest?.at(-1), second?.at(-1)], ["live", "sealed"]);
  const funnel = panel(page, "checkout_funnel").locator(".bars .name");
  await soon(async () => (await funnel.count()) === 3);
  assert.deepEqual(await funnel.allTextContents(), ["1. view", "2. cart", "3. purchase"]);
  // Each number stands with its shares of the first and of the one before, as they are shown at one moment.
  const told = await panel(page, "checkout_funnel").locator(".bars .figure").allTextContents();
  const counts = told.map((text) => Number(/^[\d,]+/.exec(text)?.[0].replaceAll(",", "")));
  assert.ok(
    counts.every((n, i) => n > 0 && (i === 0 || n < (counts[i - 1] ?? 0))),
    told.join(),
  );
  for (const [i, n] of counts.entries()) {
    const [first = 0, before = 0] = [counts[0], counts[i - 1]];
    const share = (of: number): string => `${Math.round((n / of) * 10_000) / 100}%`;
    const said = `${share(first)} of the first, ${share(before)} of step ${i}`;
    if (i > 0) assert.ok(told[i]?.endsWith(said), `${told[i]}: ${said}`);
  }
  const grid = panel(page, "retention").locator("table.grid thead th");
  assert.deepEqual(await grid.allTextContents(), ["New on", "Day 0", "Day 1", "Day 7", "Day 30"]);
  // What cannot have been yet is no zero.
  const cells = panel(page, "retention").locator("table.grid tbody tr").first().locator("td");
  assert.deepEqual(await cells.allTextContents(), ["100%", "–", "–", "–"]);
  assert.ok((await panel(page, "top_products").locator(".bars li").count()) > 5);
});

test("a panel's answer as a CSV file, by its button; why there is none, in words", async (t) => {
  const browser = await shared(t);
  if (!browser) return;
  const hash = "#range=24h&metrics=events&by=properties.country";
  const { page } = await openPage(t, browser, `${stage.url}/${hash}`, { key: stage.presented });
  const button = page.getByRole("button", { name: "Download Events as CSV" });
  const [file] = await Promise.all([page.waitForEvent("download"), button.click()]);
  assert.match(file.suggestedFilename(), /^events-\d{4}-\d\d-\d\d\.csv$/);
  const lines = readFileSync(await file.path(), "utf8")
    .trimEnd()
    .split("\r\n");
  assert.equal(
    lines[0],
    "metric,role,from,until,properties.country,value,low,high,exact,layer,run",
  );
  const countries = new Set(lines.slice(1).map((line) => line.split(",")[4]));
  assert.deepEqual([...countries].sort(), ["BR", "DE", "FR", "JP", "US"]);
  assert.equal(await button.textContent(), "CSV");
  await page.route("**/*format=csv*", (route) =>
    route.fulfill({
      status: 503,
      json: { error: { code: "overloaded", message: "Too many requests are under way." } },
    }),
  );
  await button.click();
  await page.locator(".panel .trouble").getByText("Too many requests are under way.").waitFor();
});

test("a posted event moves the chart's table within 2 s, by itself", async (t) => {
  const browser = await shared(t);
  if (!browser) return;
  const hash = "#range=24h&metrics=events";
  const { page } = await openPage(t, browser, `${stage.url}/${hash}`, { key: stage.presented });
  const events = panel(page, "events");
  const newest = events.locator("tbody tr").first().locator("td").first();
  await newest.waitFor({ state: "attached" });
  await page.getByRole("button", { name: "Live", exact: true }).waitFor();
  const took: number[] = [];
  for (let i = 0; i < 3; i++) {
    const value = Number(await newest.textContent());
    const figure = await events.locator(".figure strong").textContent();
    await stage.post({ atMs: stage.nowMs() });
    took.push(await soon(async () => Number(await newest.textContent()) === value + 1));
    await soon(async () => (await events.locator(".figure strong").textContent()) !== figure);
  }
  t.diagnostic(`from accepted to seen: ${took.join(", ")} ms`);
  assert.ok(Math.max(...took) <= 2000, took.join(", "));
});

test("a late event shows at once as live on top of sealed, and a heal seals it before one's eyes", async (t) => {
  const browser = await shared(t);
  if (!browser) return;
  const day = formatDay((stage.todayMs / DAY_MS - 1) as UtcDay);
  const hash = `#range=${day}..${formatDay((stage.todayMs / DAY_MS) as UtcDay)}&grain=day&metrics=events`;
  const { page } = await openPage(t, browser, `${stage.url}/${hash}`, { key: stage.presented });
  const events = panel(page, "events");
  const row = async (): Promise<string[]> => (await rows(events))[0] ?? [];
  await soon(async () => (await row()).at(-1) === "sealed");
  const value = Number((await row())[1]);
  await stage.post({ atMs: stage.todayMs - HOUR_MS });
  await soon(async () => (await row()).at(-1) === "sealed + live");
  assert.equal(Number((await row())[1]), value + 1);
  await events.getByText("1 late event above the sealed runs").waitFor();
  const { heals } = stage.tandem;
  const [plan] = await heals.plan([(stage.todayMs / DAY_MS - 1) as UtcDay]);
  await heals.apply(plan?.run ?? "", { by: "ann" });
  await soon(async () => (await row()).at(-1) === "sealed");
  assert.equal(Number((await row())[1]), value + 1);
  await events.getByText("Sealed: batch has counted all of it.").waitFor();
});

test("a link shows the whole view to somebody else with a key of their own", async (t) => {
  const browser = await shared(t);
  if (!browser) return;
  const { page } = await openPage(t, browser, stage.url, { key: stage.presented });
  await page.getByRole("checkbox", { name: "Revenue" }).check({ force: true });
  await page.getByLabel("Range", { exact: true }).selectOption("7d");
  await page.getByLabel("By", { exact: true }).selectOption("day");
  await page.getByLabel("Break down").selectOption("properties.country");
  await page.getByLabel("Compare with").selectOption("previous_period");
  const zone = page.getByLabel("Time zone");
  await zone.fill("Asia/Kolkata");
  await zone.press("Enter");
  await soon(async () => page.url().includes("Kolkata"));
  const link = page.url();
  assert.ok(!link.includes("tdm_"));
  const titles = await page.locator(".panel h2").allTextContents();
  const second = await openPage(t, browser, link, { key: stage.presented });
  await second.page.locator(".panel").first().waitFor();
  assert.deepEqual(await second.page.locator(".panel h2").allTextContents(), titles);
  for (const [label, value] of [
    ["Range", "7d"],
    ["By", "day"],
    ["Break down", "properties.country"],
    ["Compare with", "previous_period"],
    ["Time zone", "Asia/Kolkata"],
  ] as const)
    assert.equal(await second.page.getByLabel(label, { exact: true }).inputValue(), value);
  await page.goBack();
  await soon(async () => (await zone.inputValue()) === "UTC");
});
