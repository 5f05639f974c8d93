// Asks for the key, tries it and keeps it for this tab.
import { api, keepKey, Refused, told } from "./api.ts";
import { h, say } from "./dom.ts";

export function keyPage(problem: string, onKey: () => void): HTMLElement {
  const field = h("input", {
    type: "password",
    id: "key",
    autocomplete: "off",
    spellcheck: "false",
    required: true,
    placeholder: "tdm_…",
    "aria-describedby": "key-help key-trouble",
  });
  const trouble = h("p", { id: "key-trouble", class: "trouble", role: "alert" }, problem);
  const button = h("button", { type: "submit" }, "Open the dashboard");
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    const key = field.value.trim();
    button.disabled = true;
    try {
      await told(api(key).metrics());
      keepKey(key);
      onKey();
    } catch (error) {
      say(trouble, error instanceof Refused ? error.message : String(error));
      field.focus();
    } finally {
      button.disabled = false;
    }
  }
  return h(
    "form",
    { class: "card key", submit },
    h("h1", {}, "An API key, please"),
    h(
      "p",
      { id: "key-help" },
      "One with scope read. It stays in this tab until you close it and is in no address. ",
      h("code", {}, "npx tandem keys create --tenant NAME"),
      " makes one.",
    ),
    h("label", { for: "key" }, "API key"),
    field,
    trouble,
    button,
  );
}
