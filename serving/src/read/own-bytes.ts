/** The rows with states of their own, side by side, so that no page of a driver is held by one row of it. */
export function ownBytes<R extends { readonly state: Uint8Array }>(rows: readonly R[]): R[] {
  const bytes = new Uint8Array(rows.reduce((n, row) => n + row.state.length, 0));
  let at = 0;
  return rows.map((row) => {
    bytes.set(row.state, at);
    const state = bytes.subarray(at, at + row.state.length);
    at += row.state.length;
    return { ...row, state };
  });
}
