const byte = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const dotted = new RegExp(`^${byte}(?:\\.${byte}){3}$`);
const group = /^[0-9a-f]{1,4}$/i;

/** Whether `host` is an IPv4 address in dotted form. @spec RFC 3986 §3.2.2 */
export function isIpv4(host: string): boolean {
  return dotted.test(host);
}

function groups(text: string): readonly string[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const last = parts.pop() ?? '';
  if (!isIpv4(last)) parts.push(last);
  else {
    const [a = 0, b = 0, c = 0, d = 0] = last.split('.').map(Number);
    parts.push(((a << 8) | b).toString(16), ((c << 8) | d).toString(16));
  }
  return parts.every((part) => group.test(part)) ? parts : undefined;
}

/**
 * The eight groups of an IPv6 address as one comparable text, so that two spellings of an address are equal.
 *
 * @returns undefined when `text` (without brackets) is no IPv6 address
 * @spec RFC 3986 §3.2.2
 */
export function canonicalIpv6(text: string): string | undefined {
  if (text.length > 45) return undefined;
  const halves = text.split('::');
  const head = groups(halves[0] ?? '');
  const tail = groups(halves[1] ?? '');
  if (head === undefined || tail === undefined || halves.length > 2) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  if (halves.length === 2 && (halves[0] ?? '').includes('.')) return undefined;
  const zeros = new Array<string>(missing).fill('0');
  return [...head, ...zeros, ...tail].map((part) => parseInt(part, 16).toString(16)).join(':');
}
