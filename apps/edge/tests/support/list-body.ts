/** A recipient as a test writes it: URI, and marks such as `to`, `cc anonymize`. */
export type Entry = readonly [uri: string, marks?: string];

/** A resource list with these recipients. */
export function listXml(entries: readonly Entry[]): string {
  const rows = entries.map(([uri, marks = '']) => {
    const [role = '', ...others] = marks.split(' ').filter((word) => word !== 'anonymize');
    const control = role === '' ? '' : ` cp:copyControl="${[role, ...others].join(' ')}"`;
    const hidden = marks.includes('anonymize') ? ' cp:anonymize="true"' : '';
    return `<entry uri="${uri}"${control}${hidden}/>`;
  });
  const namespaces = 'xmlns="urn:ietf:params:xml:ns:resource-lists" xmlns:cp="urn:ietf:params:xml:ns:copycontrol"';
  return `<?xml version="1.0" encoding="UTF-8"?>\r\n<resource-lists ${namespaces}><list>${rows.join('')}</list></resource-lists>`;
}

/** Part of a multipart: its header lines and its body. */
export type Part = readonly [lines: readonly string[], body: string];

/** A part that holds a list. */
export function listPart(entries: readonly Entry[]): Part {
  return [['Content-Type: application/resource-lists+xml', 'Content-Disposition: recipient-list'], listXml(entries)];
}

/** A plain text. */
export function textPart(text: string): Part {
  return [['Content-Type: text/plain'], text];
}

/** A multipart body with the boundary `b1`. */
export function multipart(parts: readonly Part[]): string {
  const written = parts.map(([lines, body]) => `--b1\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n${body}\r\n`);
  return `${written.join('')}--b1--\r\n`;
}

/** Header lines of a message to the list service. */
export const listFields: readonly string[] = [
  'Require: recipient-list-message',
  'Content-Type: multipart/mixed;boundary=b1',
];
