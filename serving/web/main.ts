// The dashboard: from the address to a view, from a view to a page, and again whenever one of them changes.
import type { MetricEntry } from "@tandem/client";
import { api, forgetKey, isNoKey, keyOf, problemText, told } from "./api.ts";
import { fill, say } from "./dom.ts";
import { applyTheme, header, SYSTEM_DARK } from "./header.ts";
import { keyPage } from "./key-page.ts";
import { metricsPage } from "./metrics-page.ts";
import { reconciliationPage } from "./reconciliation-page.ts";
import { systemPage } from "./system-page.ts";
import { hashOf, type View, viewOf } from "./view.ts";
import { sealedWords } from "./words.ts";

const part = (id: string): HTMLElement => {
  const element = document.getElementById(id);
  if (!element) throw new RangeError(id);
  return element;
};
const [top, main, said] = [part("top"), part("main"), part("said")];
const SHOWN_FIRST = 2;
const CLOCK_MS = 5000;
const TELL_MS = 10_000;

let catalogue: readonly MetricEntry[] | undefined;
let aheadMs = 0;
let page = new AbortController();
let toldMs = 0;

async function readClock(): Promise<void> {
  const { now } = await told(api().system());
  aheadMs = Date.parse(now) - Date.now();
}

/** At most one change in ten seconds is read aloud. */
function tell(title: string, words: string): void {
  if (Date.now() - toldMs < TELL_MS) return;
  toldMs = Date.now();
  say(said, `${title} updated. ${words}`);
}

function askForKey(problem = ""): void {
  forgetKey();
  catalogue = undefined;
  page.abort();
  fill(top);
  fill(
    main,
    keyPage(problem, () => void open()),
  );
  main.querySelector("input")?.focus();
}

async function open(): Promise<void> {
  if (keyOf() === undefined) return askForKey();
  const listed = await api().metrics();
  if (!listed.ok && isNoKey(listed.error)) return askForKey(problemText(listed.error));
  try {
    catalogue = await told(Promise.resolve(listed));
    await readClock();
    show();
  } catch {
    catalogue = undefined;
    fill(main, "The server does not answer; trying again …");
    setTimeout(() => void open(), 2000);
  }
}

function change(next: View): void {
  const hash = hashOf(next);
  if (hash !== (location.hash || "#")) history.pushState(null, "", hash);
  show();
}

function show(): void {
  if (!catalogue) return;
  const known = catalogue;
  const asked = viewOf(location.hash);
  const first = known.slice(0, SHOWN_FIRST).map((m) => m.name);
  const view = asked.metrics.length > 0 ? asked : { ...asked, metrics: first };
  const kept = document.activeElement?.getAttribute("data-keep");
  page.abort();
  page = new AbortController();
  const { signal } = page;
  const bar = header(view, {
    live: () => change({ ...view, live: !view.live }),
    forget: () => askForKey(),
    redraw: show,
  });
  fill(top, ...bar.elements);
  document.title = `Tandem – ${view.page}`;
  if (view.page === "reconciliation") fill(main, reconciliationPage(signal));
  else if (view.page === "system") fill(main, systemPage(known, view.zone, signal));
  else
    fill(
      main,
      metricsPage({
        catalogue: known,
        view,
        signal,
        nowMs: () => Date.now() + aheadMs,
        onChange: (next) => change({ ...view, ...next }),
        onState: bar.state,
        onKey: askForKey,
        onAnswer: (title, answer) => tell(title, sealedWords(answer, view.zone)),
      }),
    );
  // A control that was used stays under the fingers though all of it was drawn anew.
  if (kept) document.querySelector<HTMLElement>(`[data-keep="${CSS.escape(kept)}"]`)?.focus();
}

applyTheme();
addEventListener("hashchange", show);
addEventListener("popstate", show);
SYSTEM_DARK.addEventListener("change", () => {
  applyTheme();
  show();
});
setInterval(() => {
  if (catalogue) readClock().catch(() => undefined);
}, CLOCK_MS);
await open();
