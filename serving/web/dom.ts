// Elements by function call. Text becomes text and never markup: there is no way here to write HTML.

type Listener = (event: never) => void;
type Attribute = string | number | boolean | undefined | Listener;
export type Child = Node | string | undefined | false;

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, Attribute>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name, value as EventListener);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...kept(children));
  return element;
}

/** In the place of what it held. */
export function fill(element: Element, ...children: readonly Child[]): void {
  element.replaceChildren(...kept(children));
}

const kept = (children: readonly Child[]): (Node | string)[] =>
  children.filter((c): c is Node | string => c !== undefined && c !== false);

/** Writes only what is different, so that a reader's place in it is kept. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A command that a person runs in a terminal, with a button that copies it. */
export function command(text: string): HTMLElement {
  const button = h(
    "button",
    { type: "button", class: "quiet", "aria-label": `Copy: ${text}` },
    "Copy",
  );
  button.addEventListener("click", () => {
    navigator.clipboard.writeText(text).then(
      () => say(button, "Copied"),
      () => say(button, "Select it"),
    );
    setTimeout(() => say(button, "Copy"), 2000);
  });
  return h("span", { class: "command" }, h("code", {}, text), button);
}

/** Headings of a table; those of figures stand above their figures. */
export const headings = (names: readonly string[], figures: readonly string[]): HTMLElement[] =>
  names.map((name) => h("th", { scope: "col", class: figures.includes(name) && "number" }, name));
