// The bar above every page: where one is, whether it is live, the link to share, light and dark, the key.
import { command, h, say } from "./dom.ts";
import { hashOf, PAGES, type View } from "./view.ts";
import type { LiveState } from "./watch.ts";

const NAMES = { metrics: "Metrics", reconciliation: "Reconciliation", system: "System" } as const;
const STATES: Readonly<Record<LiveState, string>> = {
  live: "Live",
  connecting: "Connecting …",
  polling: "Every 10 s",
  paused: "Paused",
};
const THEME = "tandem.theme";

export interface Header {
  readonly elements: readonly HTMLElement[];
  state(state: LiveState): void;
}

export const SYSTEM_DARK = matchMedia("(prefers-color-scheme: dark)");

/** The person's choice, else the system's. */
export function applyTheme(): void {
  const chosen = localStorage.getItem(THEME);
  const own = chosen === "dark" || chosen === "light" ? chosen : undefined;
  document.documentElement.dataset["theme"] = own ?? (SYSTEM_DARK.matches ? "dark" : "light");
}

const isDark = (): boolean => document.documentElement.dataset["theme"] === "dark";

export function header(view: View, on: { live(): void; forget(): void; redraw(): void }): Header {
  const live = h(
    "button",
    {
      type: "button",
      class: "quiet state",
      "data-keep": "live",
      "aria-pressed": String(view.live),
      click: on.live,
    },
    view.live ? STATES.connecting : STATES.paused,
  );
  const share = h("button", { type: "button", class: "quiet", "data-keep": "share" }, "Share");
  share.addEventListener("click", () => {
    navigator.clipboard.writeText(location.href).then(
      () => say(share, "Link copied"),
      () => share.replaceWith(command(location.href)),
    );
    setTimeout(() => say(share, "Share"), 2000);
  });
  const theme = h(
    "button",
    { type: "button", class: "quiet", "data-keep": "theme" },
    isDark() ? "Light" : "Dark",
  );
  theme.addEventListener("click", () => {
    const next = isDark() ? "light" : "dark";
    localStorage.setItem(THEME, next);
    applyTheme();
    on.redraw();
  });
  const tabs = PAGES.map((page) =>
    h(
      "a",
      {
        href: hashOf({ ...view, page }),
        "data-keep": page,
        "aria-current": page === view.page && "page",
      },
      NAMES[page],
    ),
  );
  const logo = h("img", { src: "assets/web/icon.svg", alt: "", width: 28, height: 28 });
  return {
    elements: [
      h("a", { class: "brand", href: "#" }, logo, "Tandem"),
      h("nav", { "aria-label": "Pages" }, ...tabs),
      h(
        "div",
        { class: "tools" },
        view.page === "metrics" && live,
        share,
        theme,
        h("button", { type: "button", class: "quiet", click: on.forget }, "Forget key"),
      ),
    ],
    state(state) {
      live.className = `quiet state ${state}`;
      say(live, STATES[state]);
      live.title = view.live ? "Pause" : "Go on";
    },
  };
}
