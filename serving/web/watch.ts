// Answers that are kept up to date: one stream for all questions of a page, and where a stream cannot be had, each
// question again and again, so that one bad question does not silence the others.
import { applyLive, LiveRefused, type LiveReset, live } from "@tandem/client";
import { api, base, isNoKey, keyOf, problemText, type Shown } from "./api.ts";

export type LiveState = "live" | "connecting" | "polling" | "paused";

export interface Watcher {
  onAnswer(question: string, answer: Shown): void;
  onProblem(question: string, problem: string): void;
  onState(state: LiveState): void;
  /** The key is not valid (any more). */
  onKey(problem: string): void;
}

const POLL_MS = 10_000;

/** Ends when the function it gives is called. */
export function watch(questions: readonly string[], moving: boolean, to: Watcher): () => void {
  const stop = new AbortController();
  if (questions.length > 0) void follow(questions, moving, to, stop.signal);
  return () => stop.abort();
}

async function follow(
  questions: readonly string[],
  moving: boolean,
  to: Watcher,
  signal: AbortSignal,
): Promise<void> {
  if (!moving) {
    to.onState("paused");
    await askAll(questions, to, signal);
    return;
  }
  to.onState("connecting");
  const held = new Map<string, LiveReset>();
  const url = `${base()}live?${new URLSearchParams(questions.map((q) => ["ask", q]))}`;
  const key = keyOf();
  try {
    for await (const message of live({ url, signal, ...(key === undefined ? {} : { key }) })) {
      if (message.event === "lost") {
        to.onState("connecting");
        // A server that has too many streams still answers.
        if (message.status !== undefined) await askAll(questions, to, signal);
      } else if (message.event !== "end") {
        const answer = applyLive(held.get(message.ask), message);
        if (!answer) continue;
        held.set(message.ask, answer);
        to.onState("live");
        to.onAnswer(message.ask, answer);
      } else if (message.why === "key") to.onKey("The key is not valid any more.");
    }
  } catch (error) {
    if (!(error instanceof LiveRefused)) throw error;
  }
  while (!signal.aborted) {
    to.onState("polling");
    await askAll(questions, to, signal);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function askAll(
  questions: readonly string[],
  to: Watcher,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(
    questions.map(async (question) => {
      const [name = "", params] = question.split(/\?(.*)/s);
      const asked = Object.fromEntries(new URLSearchParams(params));
      const told = await api()
        .query(name, asked, { signal })
        .catch(() => undefined);
      if (signal.aborted || !told) return;
      if (told.ok) to.onAnswer(question, told.value);
      else if (isNoKey(told.error)) to.onKey(told.error.message);
      else to.onProblem(question, problemText(told.error));
    }),
  );
}
