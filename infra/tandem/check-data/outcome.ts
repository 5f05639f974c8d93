// Where the checks say what they found; exit code 1 comes of one that failed.

let failures = 0;

export const say = (text: string): void => void process.stdout.write(`${text}\n`);

export function check(ok: boolean, text: string): void {
  if (!ok) failures++;
  say(`${ok ? "ok  " : "FAIL"} ${text}`);
}

export const anyFailed = (): boolean => failures > 0;
