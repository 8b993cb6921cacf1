/** What one would write first: the whole segment as text, split into lines and a Map; bodies cut as text. */
export function naiveParse(segment: Buffer): readonly { headers: Map<string, string>; body: string }[] {
  const messages: { headers: Map<string, string>; body: string }[] = [];
  let text = segment.toString('utf8');
  while (text !== '') {
    const hyphens = text.indexOf('\r\n-------');
    const blank = text.slice(0, hyphens).indexOf('\r\n\r\n');
    const headEnd = blank === -1 ? hyphens : blank;
    const lines = text.slice(0, headEnd).split('\r\n');
    const [, transactionId = ''] = (lines[0] ?? '').split(' ');
    const headers = new Map<string, string>();
    for (const line of lines.slice(1)) {
      const [name = '', value = ''] = line.split(': ');
      headers.set(name.toLowerCase(), value);
    }
    const end = text.indexOf(`\r\n-------${transactionId}`, headEnd);
    messages.push({ headers, body: text.slice(headEnd + 4, end) });
    text = text.slice(end + transactionId.length + 12);
  }
  return messages;
}

/** A large body gathered as text until its end shows. */
export function naiveBody(pieces: readonly Buffer[], transactionId: string): number {
  let text = '';
  for (const piece of pieces) {
    text += piece.toString('latin1');
    if (piece.includes(`-------${transactionId}$`)) break;
  }
  return text.length;
}

/** A head as lines that are joined. */
export function naiveHead(transactionId: string, method: string, headers: ReadonlyMap<string, string>): string {
  const lines = [`MSRP ${transactionId} ${method}`];
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}
