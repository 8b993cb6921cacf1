/** The one spelling of an IPv6 address: eight groups in hexadecimal, none left out; for text that `isIpv6` took. */
export function ipv6Groups(address: string): string {
  const [front = '', back] = address.replace(':::', '::').split('::', 2);
  const before = hexGroups(front);
  const after = back === undefined ? [] : hexGroups(back);
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  return [...before, ...zeros, ...after].join(':');
}

function hexGroups(part: string): string[] {
  return part === '' ? [] : part.split(':').flatMap(hexGroup);
}

function hexGroup(piece: string): string[] {
  if (!piece.includes('.')) return [Number.parseInt(piece, 16).toString(16)];
  const [a = 0, b = 0, c = 0, d = 0] = piece.split('.').map(Number);
  return [(a * 256 + b).toString(16), (c * 256 + d).toString(16)];
}
