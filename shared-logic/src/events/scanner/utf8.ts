// UTF-8 as RFC 3629 allows it: no overlong forms, no surrogates, nothing above U+10FFFF.

/** Bytes of the well-formed sequence at `bytes[i]` that ends by `until`; 0 where there is none. */
export function utf8Length(bytes: Uint8Array, i: number, until: number): number {
  const lead = bytes[i]!;
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (i + length > until) return 0;
  const second = bytes[i + 1]!;
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  for (let j = 2; j < length; j++) if ((bytes[i + j]! & 0xc0) !== 0x80) return 0;
  return length;
}
