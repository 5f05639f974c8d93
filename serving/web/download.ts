// The answer of a question as a CSV file: asked with the key in a header, handed to the browser as a file.
import { base, keyOf, problemText } from "./api.ts";
import { h, say } from "./dom.ts";

/** `question`: NAME?PARAMS. `failed` is told in words why there is no file. */
export function downloadButton(
  title: string,
  question: string,
  failed: (why: string) => void,
): HTMLButtonElement {
  const label = `Download ${title} as CSV`;
  const button = h("button", { type: "button", class: "quiet", "aria-label": label }, "CSV");
  const done = (text: string): void => {
    say(button, text);
    button.disabled = false;
  };
  button.addEventListener("click", () => {
    button.disabled = true;
    save(question).then(
      () => done("CSV"),
      (error: unknown) => {
        done("CSV");
        failed(error instanceof Error ? error.message : String(error));
      },
    );
  });
  return button;
}

async function save(question: string): Promise<void> {
  const [name = "", search = ""] = question.split("?", 2);
  const key = keyOf();
  const address = `${base()}metrics/${encodeURIComponent(name)}?${search}&format=csv`;
  const response = await fetch(address, {
    headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
  });
  if (!response.ok) {
    const told = await response.json().catch(() => undefined);
    const message = `The server answered ${response.status}.`;
    throw new Error(problemText({ message, would_work: [], ...told?.error }));
  }
  const url = URL.createObjectURL(await response.blob());
  const { from, until } = Object.fromEntries(new URLSearchParams(search));
  const dates = [from, until].flatMap((d) => d?.slice(0, 10) ?? []).join("-");
  h("a", {
    href: url,
    download: `${[name.replaceAll(/[^\w@-]/g, "_"), dates].filter(Boolean).join("-")}.csv`,
  }).click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
