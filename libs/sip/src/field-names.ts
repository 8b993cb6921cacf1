/*
 * Names that this library knows, each with a small number that lines carry, so that finding a field compares numbers.
 * A name that is not here works all the same: its lines carry 0 and are compared as text.
 */
const known: readonly (readonly [name: string, compact?: string])[] = [
  ['Via', 'v'],
  ['From', 'f'],
  ['To', 't'],
  ['Call-ID', 'i'],
  ['CSeq'],
  ['Max-Forwards'],
  ['Content-Length', 'l'],
  ['Content-Type', 'c'],
  ['Contact', 'm'],
  ['Route'],
  ['Record-Route'],
  ['Timestamp'],
  ['Accept'],
  ['Accept-Contact', 'a'],
  ['Accept-Encoding'],
  ['Accept-Language'],
  ['Alert-Info'],
  ['Allow'],
  ['Allow-Events', 'u'],
  ['Authentication-Info'],
  ['Authorization'],
  ['Call-Info'],
  ['Content-Disposition'],
  ['Content-Encoding', 'e'],
  ['Content-Language'],
  ['Date'],
  ['Error-Info'],
  ['Event', 'o'],
  ['Expires'],
  ['Feature-Caps'],
  ['Flow-Timer'],
  ['History-Info'],
  ['Identity', 'y'],
  ['In-Reply-To'],
  ['Info-Package'],
  ['Join'],
  ['Max-Breadth'],
  ['Max-Size'],
  ['MIME-Version'],
  ['Min-Expires'],
  ['Min-SE'],
  ['Organization'],
  ['P-Asserted-Identity'],
  ['P-Associated-URI'],
  ['P-Preferred-Identity'],
  ['P-Refused-URI-List'],
  ['Path'],
  ['Permission-Missing'],
  ['Priority'],
  ['Privacy'],
  ['Proxy-Authenticate'],
  ['Proxy-Authorization'],
  ['Proxy-Require'],
  ['RAck'],
  ['Reason'],
  ['Recv-Info'],
  ['Refer-Sub'],
  ['Refer-To', 'r'],
  ['Referred-By', 'b'],
  ['Reject-Contact', 'j'],
  ['Replaces'],
  ['Replaces-Message'],
  ['Reply-To'],
  ['Request-Disposition', 'd'],
  ['Require'],
  ['Resource-Priority'],
  ['Retry-After'],
  ['RSeq'],
  ['Server'],
  ['Service-Route'],
  ['Session-Expires', 'x'],
  ['SIP-ETag'],
  ['SIP-If-Match'],
  ['Subject', 's'],
  ['Subscription-State'],
  ['Supported', 'k'],
  ['Suppress-If-Match'],
  ['Target-Dialog'],
  ['Trigger-Consent'],
  ['Unsupported'],
  ['User-Agent'],
  ['Warning'],
  ['WWW-Authenticate'],
];

/** Numbers of the names that the library itself asks for. */
export const fieldId = {
  unknown: 0,
  via: 1,
  from: 2,
  to: 3,
  callId: 4,
  cSeq: 5,
  maxForwards: 6,
  contentLength: 7,
  contentType: 8,
  timestamp: 12,
} as const;

const ids = new Map<string, number>();
/** Candidates by length and first letter: at most three names share a place. */
const buckets: { readonly name: string; readonly lower: string; readonly id: number }[][] = [];

const longestName = 32;

function place(length: number, firstCode: number): number {
  return length * 32 + (firstCode & 31);
}

function learn(name: string, id: number): void {
  const lower = name.toLowerCase();
  ids.set(name, id).set(lower, id);
  const at = place(name.length, name.charCodeAt(0));
  (buckets[at] ??= []).push({ name, lower, id });
}

for (let i = 0; i <= place(longestName, 31); i++) buckets.push([]);
known.forEach(([name, compact], index) => {
  learn(name, index + 1);
  if (compact !== undefined) learn(compact, index + 1);
});

/** Number of a name in any case, long or compact; 0 when the library does not know it. */
export function idOfName(name: string): number {
  return ids.get(name) ?? ids.get(name.toLowerCase()) ?? fieldId.unknown;
}

/** {@link idOfName} of a piece of `text`, without cutting it out. */
export function idOfNameAt(text: string, start: number, end: number): number {
  const length = end - start;
  if (length > longestName) return fieldId.unknown;
  const candidates = buckets[place(length, text.charCodeAt(start))];
  if (candidates === undefined) return fieldId.unknown;
  for (const { name, lower, id } of candidates) {
    if (text.startsWith(name, start) || equalsLower(text, start, lower)) return id;
  }
  return fieldId.unknown;
}

function equalsLower(text: string, start: number, lower: string): boolean {
  for (let i = 0; i < lower.length; i++) {
    const code = text.charCodeAt(start + i);
    const folded = code >= 0x41 && code <= 0x5a ? code | 0x20 : code;
    if (folded !== lower.charCodeAt(i)) return false;
  }
  return true;
}
