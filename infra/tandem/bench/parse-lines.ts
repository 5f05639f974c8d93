// The yardstick: JSON.parse of every line and nothing else; something of every event is used.

export function parseLines(bytes: Uint8Array): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let price = 0;
  for (
    let from = 0, to = buffer.indexOf(10);
    to >= 0;
    from = to + 1, to = buffer.indexOf(10, from)
  ) {
    price += JSON.parse(buffer.toString("utf8", from, to)).properties.price;
  }
  return price;
}
