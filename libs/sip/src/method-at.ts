const known = 'INVITE ACK BYE CANCEL OPTIONS REGISTER MESSAGE SUBSCRIBE NOTIFY REFER UPDATE INFO PRACK PUBLISH'.split(
  ' ',
);

const byLength: string[][] = [];
for (const method of known) (byLength[method.length] ??= []).push(method);

/**
 * The method between two offsets. One that is known is the same string each time, so that comparing it and looking it up
 * cost nothing.
 *
 * @spec RFC 3261 §7.1
 */
export function methodAt(text: string, start: number, end: number): string {
  const candidates = byLength[end - start];
  if (candidates !== undefined) for (const method of candidates) if (text.startsWith(method, start)) return method;
  return text.slice(start, end);
}
