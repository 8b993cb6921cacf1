import type { Dice } from './dice.ts';

/** Types of XML that travel in messages: RFC 5438, RFC 3994, RFC 4826, RFC 3863, RFC 4575. */
export const xmlTypes = [
  'message/imdn+xml',
  'application/im-iscomposing+xml',
  'application/resource-lists+xml',
  'application/pidf+xml',
  'application/conference-info+xml',
] as const;

const documents: readonly [string, ...string[]] = [
  `<imdn xmlns="urn:ietf:params:xml:ns:imdn"><message-id>m-1</message-id><datetime>2026-11-21T12:00:00Z</datetime>
<recipient-uri>sip:bob@localhost</recipient-uri><delivery-notification><status><delivered/></status></delivery-notification></imdn>`,
  `<isComposing xmlns="urn:ietf:params:xml:ns:im-iscomposing"><state>active</state><refresh>60</refresh></isComposing>`,
  '<isComposing xmlns="urn:ietf:params:xml:ns:im-iscomposing"><state>idle</state></isComposing>',
  `<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"><list><entry uri="sip:bob@localhost"/><entry uri="sip:eve@localhost"/>
<list><entry-ref ref="x"/><external anchor="http://x"/></list></list></resource-lists>`,
  `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:bob@localhost"><tuple id="t"><status><basic>open</basic></status></tuple></presence>`,
  '<conference-info xmlns="urn:ietf:params:xml:ns:conference-info" entity="sip:room@localhost" state="full" version="1"/>',
];

/** What a reader of XML must end, refuse or pass over in time and memory that its octets are worth. */
const bombs: readonly [(dice: Dice) => string, ...((dice: Dice) => string)[]] = [
  // Entities that grow from each other.
  () => `<!DOCTYPE a [${'bcdefgh'.replace(/./g, (c) => `<!ENTITY ${c} "${`&${c};`.repeat(10)}">`)}]><a>&h;</a>`,
  () => '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
  (dice) => '<a>'.repeat(dice.upTo(3000)),
  (dice) => `<a${Array.from({ length: dice.upTo(1000) }, (_, i) => ` b${i % 900}="c"`).join('')}/>`,
  (dice) => `<a>${'<b/>'.repeat(dice.upTo(3000))}</a>`,
  (dice) => `<a xmlns:x="y">${'<x:b xmlns:x="z"><x:c/>'.repeat(dice.upTo(300))}</a>`,
  (dice) => `<a>${'x'.repeat(dice.upTo(16_000))}</a>`,
  (dice) => `<a>${dice.pick(['<!--', '<![CDATA[', '<?x', '</', '&', '&#', '<a b=', ']]>'])}`,
  (dice) => `<a>${dice.pick(['&#0;', '&#x110000;', '&#xD800;', '&#99999999999999;', '\0', '\uFFFE'])}</a>`,
  (dice) => `${dice.pick(['\uFEFF', '<?xml version="1.1"?>', '<?xml version="1.0" encoding="UTF-16"?>', '  '])}<a/>`,
];

function xml(dice: Dice): string {
  return dice.percent(75) ? dice.pick(documents) : dice.pick(bombs)(dice);
}

const cpimHeaders: readonly [string, ...string[]] = [
  'NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: m-1\r\nimdn.Disposition-Notification: positive-delivery, display',
  'NS: replace <urn:parley:params:cpim:replace>\r\nreplace.Message-ID: m-1',
  'NS: replace <urn:parley:params:cpim:replace>\r\nreplace.Message-ID: m-1\r\nreplace.Action: recall',
  'NS: <x>',
  'Require: nothing',
  'Subject:;lang=fi hei',
  'To: <im:nobody@nowhere>',
  'From: "\\"" <sip:>',
  'DateTime: 2026-13-32T25:61:61Z',
  'x'.repeat(1000),
];

function cpim(from: string, to: string, dice: Dice): string {
  const more = Array.from({ length: dice.upTo(4) }, () => dice.pick(cpimHeaders));
  // One that never ends, or is longer than it may be.
  if (dice.percent(5)) more.push(...Array.from({ length: dice.upTo(600) }, () => 'Subject: and so on'));
  const type = dice.percent(60) ? 'text/plain' : dice.pick(xmlTypes);
  const content = type === 'text/plain' ? 'word '.repeat(dice.upTo(dice.pick([4, 40, 1000]))) : xml(dice);
  const end = dice.percent(95) ? '' : 'not ';
  const lines = [`From: <${from}>`, `To: <${to}>`, 'DateTime: 2026-11-21T12:00:00Z', ...more, end];
  return [
    ...lines,
    `Content-Type: ${type}`,
    dice.percent(10) ? 'Content-Disposition: notification\r\n' : '',
    content,
  ].join('\r\n');
}

function multipart(from: string, to: string, dice: Dice): string {
  const parts = Array.from({ length: dice.upTo(5) }, () => {
    const type = dice.pick([
      'text/plain',
      'message/cpim',
      'application/resource-lists+xml',
      'multipart/mixed;boundary=b',
    ]);
    const disposition = dice.pick(['recipient-list', 'recipient-list; handling=optional', 'render', '']);
    const content = type === 'message/cpim' ? cpim(from, to, dice) : type.endsWith('xml') ? xml(dice) : 'hello';
    return `--b\r\nContent-Type: ${type}\r\nContent-Disposition: ${disposition}\r\n\r\n${content}\r\n`;
  });
  return `${parts.join('')}${dice.percent(80) ? '--b--\r\n' : '--b'}`;
}

/** A body of a type, between what a client writes and what is meant to do harm. */
export function hostileBody(type: string, from: string, to: string, dice: Dice): string {
  if (type === 'message/cpim') return cpim(from, to, dice);
  return type.startsWith('multipart/') ? multipart(from, to, dice) : xml(dice);
}
