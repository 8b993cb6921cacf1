/** Whether a subject falls under a pattern of NATS: `*` is one token, a last `>` one or more. */
export function matchesSubject(pattern: string, subject: string): boolean {
  if (pattern === subject) return true;
  const wanted = pattern.split('.');
  const tokens = subject.split('.');
  const open = wanted.at(-1) === '>';
  if (open ? tokens.length < wanted.length : tokens.length !== wanted.length) return false;
  return wanted.every((token, i) => token === '*' || token === tokens[i] || (open && i === wanted.length - 1));
}
