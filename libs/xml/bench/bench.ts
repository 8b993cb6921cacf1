import { encodeUtf8 } from '@parley/prelude';
import { SaxesParser } from 'saxes';
import { element, parseXml, serialiseXml, textElement } from '../src/index.ts';

const imdn = serialiseXml(
  element('imdn', { xmlns: 'urn:ietf:params:xml:ns:imdn' }, [
    textElement('message-id', '34jk324j'),
    textElement('datetime', '2008-04-04T12:16:49-05:00'),
    textElement('recipient-uri', 'im:bob@example.com'),
    textElement('original-recipient-uri', 'im:bob@example.com'),
    element('delivery-notification', {}, [element('status', {}, [element('delivered', {}, [])])]),
  ]),
);

function user(i: number): string {
  const media = element('media', { id: 1 }, [textElement('type', 'message'), textElement('status', 'sendrecv')]);
  const endpoint = element('endpoint', { entity: `sip:u${i}@h` }, [textElement('status', 'connected'), media]);
  return element('user', { entity: `sip:user${i}@example.com`, state: 'full' }, [endpoint]);
}

const roster = serialiseXml(
  element(
    'users',
    { xmlns: 'urn:ietf:params:xml:ns:conference-info' },
    Array.from({ length: 100 }, (_, i) => user(i)),
  ),
);
const hostile = encodeUtf8('<a>'.repeat(20_000));

/** What a parser of events costs by itself: decoding, and nobody who listens. */
function events(bytes: Uint8Array): void {
  const parser = new SaxesParser({ xmlns: true, position: false });
  parser.write(new TextDecoder().decode(bytes)).close();
}

function opsPerSecond(run: () => unknown, times: number): number {
  for (let i = 0; i < times / 2; i++) run();
  const rounds = Array.from({ length: 5 }, () => {
    const start = performance.now();
    for (let i = 0; i < times; i++) run();
    return times / ((performance.now() - start) / 1000);
  });
  return Math.max(...rounds);
}

function compare(title: string, times: number, cases: Record<string, () => unknown>): void {
  console.log(title);
  let baseline = 0;
  for (const [name, run] of Object.entries(cases)) {
    const ops = opsPerSecond(run, times);
    baseline ||= ops;
    console.log(`  ${name}: ${Math.round(ops)} ops/s, ${(ops / baseline).toFixed(2)}x the first`);
  }
}

compare(`an IMDN of ${imdn.length} octets`, 5000, {
  'saxes, nobody listening': () => {
    events(imdn);
  },
  parseXml: () => parseXml(imdn),
});
compare(`a roster of ${roster.length} octets`, 100, {
  'saxes, nobody listening': () => {
    events(roster);
  },
  parseXml: () => parseXml(roster),
  'parseXml, nested deeper than allowed': () => parseXml(hostile),
});
