// The dashboard as a person has it: all layers in one process on the real clock, events through the collector, and a
// real Chromium. Where none can run the tests are skipped and say why; under CI that is a failure.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import chromium from "@sparticuz/chromium";
import { keyMaking, systemClock } from "@tandem/adapters/embedded";
import { createKey, DAY_MS, formatInstant, HOUR_MS, ledgerKeyStore } from "@tandem/shared-logic";
import { type Browser, type Page, chromium as playwright } from "playwright-core";
import { startTandem } from "../../src/start-tandem.ts";

export interface Sent {
  readonly id?: string;
  readonly atMs: number;
  readonly type?: string;
  readonly user?: string;
  readonly country?: string;
  readonly price?: number;
  readonly product?: string;
}

/** Undefined, and the test skipped, where no browser can run. */
export async function openBrowser(t: TestContext): Promise<Browser | undefined> {
  try {
    if (process.platform !== "linux" || process.arch !== "x64")
      throw new Error(`no Chromium for ${process.platform} ${process.arch} on the npm registry`);
    const executablePath = await chromium.executablePath();
    const args = ["--no-sandbox", "--headless=shell"];
    return await playwright.launch({ executablePath, headless: true, args });
  } catch (error) {
    if (process.env["CI"]) throw error;
    t.skip(`no Chromium runs here: ${String(error).split("\n")[0]}`);
    return undefined;
  }
}

const READY = ["checkout_funnel", "retention", "top_products"];

export async function startDashboard() {
  const dataDir = await mkdtemp(join(tmpdir(), "tandem-dashboard-"));
  const folder = await mkdtemp(join(tmpdir(), "tandem-dashboard-metrics-"));
  await writeFile(
    join(folder, "ready.ts"),
    `import { readyMetric } from "@tandem/shared-logic";\n${READY.map((n) => `export const ${n} = readyMetric("${n}");\n`).join("")}`,
  );
  const clock = systemClock();
  const running = await startTandem({
    host: "127.0.0.1",
    port: 0,
    parts: ["collect", "speed", "archive", "serve"],
    clock,
    dataDir,
    metricFolders: [folder],
    tandem: { partitions: 1, threads: 0 },
    onError: (error) => process.stderr.write(`${String(error)}\n`),
  });
  const { tandem, url = "" } = running;
  const keys = ledgerKeyStore(tandem.ports.views);
  const key = async (tenant = "shop"): Promise<string> => {
    const scopes = ["read", "write"] as const;
    return (await createKey(keys, keyMaking, { tenant, scopes }, clock.now())).presented;
  };
  const presented = await key();
  let ids = 0;

  async function post(...events: readonly Sent[]): Promise<void> {
    const lines = events.map((e) =>
      JSON.stringify({
        event_id: e.id ?? `e${ids++}`,
        event_type: e.type ?? "view",
        timestamp: formatInstant(Math.floor(e.atMs) as Parameters<typeof formatInstant>[0]),
        user_id: e.user ?? "ann",
        properties: {
          ...(e.country === undefined ? {} : { country: e.country }),
          ...(e.price === undefined ? {} : { price: e.price }),
          ...(e.product === undefined ? {} : { product_id: e.product }),
        },
      }),
    );
    const answer = await fetch(`${url}/events`, {
      method: "POST",
      headers: { authorization: `Bearer ${presented}`, "content-type": "application/x-ndjson" },
      body: lines.join("\n"),
    });
    const text = await answer.text();
    const { accepted } = JSON.parse(text) as { accepted?: number };
    if (accepted !== events.length) throw new RangeError(text.slice(0, 500));
  }

  /** Resolves when the views have all that was posted. */
  async function caughtUp(): Promise<void> {
    for (;;) {
      const answer = await fetch(`${url}/system`, {
        headers: { authorization: `Bearer ${presented}` },
      });
      const { lag } = (await answer.json()) as { lag: { records: number } | null };
      if (lag?.records === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  const todayMs = Math.floor(clock.now() / DAY_MS) * DAY_MS;
  return {
    url,
    presented,
    tandem,
    nowMs: () => clock.now() as number,
    todayMs,
    post,
    caughtUp,
    /** A hundred shoppers of the two days before this one and of today so far. */
    async fillUp(): Promise<void> {
      const made: Sent[] = [];
      const countries = ["DE", "FR", "US", "BR", "JP"];
      for (let i = 0; i < 600; i++) {
        const wave = 0.5 + 0.5 * Math.sin(i / 9);
        const backMs = (i / 600) * 2 * DAY_MS + wave * HOUR_MS;
        const atMs = clock.now() - 60_000 - backMs;
        const user = `user${(i * 7) % 100}`;
        const country = countries[(i + (i % 7)) % 5] ?? "DE";
        const product = `product-${(i * i) % 13}`;
        made.push({ atMs, user, country, product });
        // One in ten shoppers never takes a cart.
        if (i % 3 === 0 && i % 10 !== 0)
          made.push({ atMs: atMs + 1000, type: "cart", user, country, product });
        if (i % 7 === 0)
          made.push({
            atMs: atMs + 2000,
            type: "purchase",
            user,
            country,
            price: 5 + (i % 40),
            product,
          });
      }
      for (let i = 0; i < made.length; i += 400) await post(...made.slice(i, i + 400));
      await caughtUp();
    },
    async close(): Promise<void> {
      await running.stop();
      await rm(dataDir, { recursive: true, force: true });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type DashboardStage = Awaited<ReturnType<typeof startDashboard>>;

export interface Seen {
  readonly page: Page;
  /** What the console and the page complained of. */
  readonly complaints: string[];
}

export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  readonly key?: string | undefined;
}

/** A page of a fresh browser profile; with a key it begins behind the door. */
export async function openPage(
  t: TestContext,
  browser: Browser,
  url: string,
  { width = 1280, height = 900, dark = false, key }: Look = {},
): Promise<Seen> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? "dark" : "light",
    locale: "en-GB",
  });
  t.after(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(8000);
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  if (key !== undefined)
    await page.addInitScript(`sessionStorage.setItem("tandem.key", ${JSON.stringify(key)})`);
  await page.goto(url);
  return { page, complaints };
}
