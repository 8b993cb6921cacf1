import { decodeUtf8, encodeUtf8, unwrap } from '@parley/prelude';
import { boundaryOf, fieldValue, parseMediaType, parseMultipart } from '@parley/mime';
import { parseResourceLists } from '@parley/resource-lists';
import type { ListItem } from '@parley/resource-lists';
import { readRaw, readRawAll } from '@parley/sip';
import type { SipRequest, SipResponse } from '@parley/sip';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listFields, listPart, listXml, multipart, textPart } from '../support/list-body.ts';
import type { Entry, Part } from '../support/list-body.ts';
import { Phone } from '../support/phone.ts';
import { startTestEdge } from '../support/test-edge.ts';
import type { TestEdge } from '../support/test-edge.ts';

const service = 'sip:list@localhost';
const bobAndCarol: readonly Entry[] = [['sip:bob@localhost'], ['sip:carol@localhost']];

let edge: TestEdge;
let alice: Phone;
let bob: Phone;
let carol: Phone;

beforeAll(async () => {
  edge = await startTestEdge({
    env: { PARLEY_LIST_MAX: '20', PARLEY_USERS: 'alice:secret,bob:secret,carol:secret,dora:secret,emil:secret' },
  });
  alice = await Phone.tcp(edge.port, 'alice');
  bob = await Phone.tcp(edge.port, 'bob');
  carol = await Phone.tcp(edge.port, 'carol');
  for (const phone of [alice, bob, carol]) expect((await phone.register()).statusCode).toBe(200);
});
afterAll(async () => {
  for (const phone of [alice, bob, carol]) await phone[Symbol.asyncDispose]();
  await edge[Symbol.asyncDispose]();
});

function send(parts: readonly Part[], fields = listFields): Promise<SipResponse> {
  return alice.request('MESSAGE', service, { fields, body: multipart(parts) });
}

/** What a phone gets next; it takes it. */
async function taken(phone: Phone): Promise<SipRequest> {
  const request = await phone.incoming();
  phone.answer(request, 200);
  return request;
}

/** Parts of a multipart: disposition and octets. */
function partsOf(request: SipRequest): readonly (readonly [string, string])[] {
  const type = unwrap(parseMediaType(readRaw(request, 'Content-Type') ?? ''));
  const { parts } = unwrap(parseMultipart(request.body, unwrap(boundaryOf(type))));
  return parts.map(({ fields, body }) => [fieldValue(fields, 'Content-Disposition') ?? '', decodeUtf8(body)]);
}

/** Who is seen in a history: URI, role and count. */
function historyIn(request: SipRequest): readonly string[] {
  const history = partsOf(request).find(([disposition]) => disposition.startsWith('recipient-list-history'));
  const { lists } = unwrap(parseResourceLists(encodeUtf8(history?.[1] ?? '')));
  return lists.flatMap(({ items }) => items.map(seen));
}

function seen(item: ListItem): string {
  if (item.kind !== 'entry') return item.kind;
  return [item.uri, item.copyControl, item.count].filter((word) => word !== undefined).join(' ');
}

describe('a message to the list service', () => {
  it('is answered 202, and each intended recipient gets a MESSAGE (RFC 5365 §7)', async () => {
    expect((await send([textPart('Lunch?'), listPart(bobAndCarol)])).statusCode).toBe(202);
    const [first, second] = await Promise.all([taken(bob), taken(carol)]);
    expect(decodeUtf8(first.body)).toBe('Lunch?');
    expect(readRaw(first, 'To')).toBe('<sip:bob@localhost>');
    expect(readRaw(first, 'Call-ID')).not.toBe(readRaw(second, 'Call-ID'));
  });

  it('MUST keep From save its tag, and SHOULD be new in To, Call-ID, CSeq and Max-Forwards (RFC 5365 §7.2)', async () => {
    const fields = [...listFields, 'Subject: food', 'Accept-Language: fi', 'Contact: <sip:alice@192.0.2.1>'];
    await send([textPart('x'), listPart([['sip:bob@localhost']])], fields);
    const copy = await taken(bob);
    expect(readRaw(copy, 'From')).toMatch(/^<sip:alice@localhost>;tag=(?!from-alice)/);
    expect(readRaw(copy, 'Call-ID')).not.toBe(alice.callId);
    expect(readRaw(copy, 'CSeq')).toBe('1 MESSAGE');
    expect(readRaw(copy, 'Max-Forwards')).toBe('69');
    expect(readRaw(copy, 'Subject')).toBe('food');
    expect(readRaw(copy, 'Accept-Language')).toBe('fi');
    expect(readRaw(copy, 'Date')).toBeDefined();
    expect(readRawAll(copy, 'Via')).toHaveLength(1);
    for (const name of ['Require', 'Authorization', 'Contact']) expect(readRaw(copy, name)).toBeUndefined();
  });

  it('MUST lose its wrapper when one body is left, which stays as it is (RFC 5365 §7.3)', async () => {
    const cpim =
      'From: <sip:alice@localhost>\r\nTo: <sip:list@localhost>\r\n\r\nContent-Type: text/plain\r\n\r\n\u00e9';
    const part: Part = [['Content-Type: message/cpim', 'Content-ID: <a@b>', 'Content-Length: 3'], cpim];
    await send([listPart([['sip:bob@localhost']]), part]);
    const copy = await taken(bob);
    expect(readRaw(copy, 'Content-Type')).toBe('message/cpim');
    expect(readRaw(copy, 'Content-ID')).toBe('<a@b>');
    expect(decodeUtf8(copy.body)).toBe(cpim);
  });

  it('keeps several other bodies octet for octet, heads included (RFC 5365 §7.3)', async () => {
    const signed: Part = [
      ['content-type:   application/pkcs7-signature ;\r\n  name=x', 'X-Odd:y'],
      '\u0001 \r\n--b\r\n',
    ];
    await send([textPart('one'), listPart([['sip:bob@localhost']]), signed]);
    const copy = await taken(bob);
    expect(readRaw(copy, 'Content-Type')).toBe('multipart/mixed;boundary=b1');
    expect(decodeUtf8(copy.body)).toBe(multipart([textPart('one'), signed]));
  });

  it('tells of to and cc, counts who is to stay anonymous, and never of bcc (RFC 5364 §4, §6)', async () => {
    const entries: readonly Entry[] = [
      ['sip:bob@localhost', 'to'],
      ['sip:dora@localhost', 'to anonymize'],
      ['sip:emil@localhost', 'cc'],
      ['sip:carol@localhost', 'bcc'],
    ];
    expect((await send([textPart('all'), listPart(entries)])).statusCode).toBe(202);
    const [first, second] = await Promise.all([taken(bob), taken(carol)]);
    for (const copy of [first, second]) {
      expect(historyIn(copy)).toEqual([
        'sip:bob@localhost to',
        'sip:anonymous@anonymous.invalid to 1',
        'sip:emil@localhost cc',
      ]);
      expect(partsOf(copy)[0]).toEqual(['', 'all']);
      expect(partsOf(copy)[1]?.[0]).toBe('recipient-list-history; handling=optional');
    }
  });

  it('lets a recipient answer all: REQ-GROUP-4', async () => {
    await send([
      textPart('who comes?'),
      listPart([
        ['sip:bob@localhost', 'to'],
        ['sip:carol@localhost', 'to'],
      ]),
    ]);
    const [question] = await Promise.all([taken(bob), taken(carol)]);
    const others = historyIn(question).map((line) => line.split(' ')[0] ?? '');
    const entries = [...others.filter((uri) => uri !== 'sip:bob@localhost'), 'sip:alice@localhost'];
    const body = multipart([textPart('me'), listPart(entries.map((uri): Entry => [uri, 'to']))]);
    expect((await bob.request('MESSAGE', service, { fields: listFields, body })).statusCode).toBe(202);
    const answers = await Promise.all([taken(alice), taken(carol)]);
    expect(answers.map((answer) => partsOf(answer)[0]?.[1])).toEqual(['me', 'me']);
  });

  it('MUST behave as if a URI that is there twice were there once (RFC 5363 §4.1)', async () => {
    const entries: readonly Entry[] = [
      ['sip:bob@localhost', 'bcc'],
      ['sip:b%6Fb@LOCALHOST', 'cc'],
      ['sip:bob@127.0.0.1', 'to'],
    ];
    await send([textPart('once'), listPart(entries), listPart([['sip:bob@localhost;transport=tcp']])]);
    const copy = await taken(bob);
    expect(historyIn(copy)).toEqual(['sip:bob@localhost to']);
    await send([textPart('next'), listPart([['sip:bob@localhost']])]);
    expect(decodeUtf8((await taken(bob)).body)).toBe('next');
  });

  it('adds header fields that a URI asks for, and ignores method and body (RFC 5365 §6, §7)', async () => {
    const uri =
      'sip:bob@localhost;method=INVITE?Subject=caf%C3%A9&amp;body=evil&amp;From=sip:eve%40localhost&amp;Priority=urgent';
    await send([textPart('x'), listPart([[uri]])]);
    const copy = await taken(bob);
    expect(copy.method).toBe('MESSAGE');
    expect(readRaw(copy, 'Priority')).toBe('urgent');
    expect(Buffer.from(readRaw(copy, 'Subject') ?? '', 'latin1').toString()).toBe('caf\u00e9');
    expect(readRaw(copy, 'From')).toContain('alice');
    expect(decodeUtf8(copy.body)).toBe('x');
  });

  it('gives the message alone to a device that answers 415 to the history, then and from then on (RFC 5364 §7)', async () => {
    await using plain = await Phone.tcp(edge.port, 'carol');
    await plain.register(`${plain.contact};+sip.instance="<urn:uuid:plain>";expires=600`);
    const parts = [textPart('plain'), listPart([['sip:carol@localhost', 'to']])];
    await send(parts);
    const refused = await plain.incoming();
    expect(readRaw(refused, 'Content-Type')).toContain('multipart/mixed');
    plain.answer(refused, 415, 'Unsupported Media Type', ['Accept: text/plain']);
    expect(decodeUtf8((await taken(plain)).body)).toBe('plain');
    expect(historyIn(await taken(carol))).toEqual(['sip:carol@localhost to']);
    await send(parts);
    const next = await taken(plain);
    expect(readRaw(next, 'Content-Type')).toBe('text/plain');
    expect(decodeUtf8(next.body)).toBe('plain');
    await taken(carol);
    await plain.register(`${plain.contact};+sip.instance="<urn:uuid:plain>";expires=0`);
  });

  it('waits in the mailbox of who is away', async () => {
    await using away = await Phone.tcp(edge.port, 'alice');
    const body = multipart([textPart('later'), listPart([['sip:dora@localhost'], ['sip:carol@localhost']])]);
    expect((await away.request('MESSAGE', service, { fields: listFields, body })).statusCode).toBe(202);
    expect(decodeUtf8((await taken(carol)).body)).toBe('later');
    await using dora = await Phone.tcp(edge.port, 'dora');
    await dora.register();
    expect(partsOf(await taken(dora))[0]).toEqual(['', 'all']);
    expect(decodeUtf8((await taken(dora)).body)).toBe('later');
  });
});

describe('the list service refuses', () => {
  const refused = async (parts: readonly Part[], fields = listFields): Promise<readonly [number, string]> => {
    const response = await send(parts, fields);
    return [response.statusCode, readRaw(response, 'Warning') ?? ''];
  };

  it('who is not known with 401, since it is the user agent server', async () => {
    const body = multipart([textPart('x'), listPart(bobAndCarol)]);
    expect((await alice.ask('MESSAGE', service, { fields: listFields, body })).statusCode).toBe(401);
  });

  it('options that it does not know with 420 (RFC 3261 §8.2.2.3)', async () => {
    const response = await send([], ['Require: recipient-list-message, teleport', ...listFields.slice(1)]);
    expect(response.statusCode).toBe(420);
    expect(readRaw(response, 'Unsupported')).toBe('teleport');
  });

  it('what is no multipart with 415, and says what it takes', async () => {
    const response = await alice.message(service);
    expect(response.statusCode).toBe(415);
    expect(readRaw(response, 'Accept')).toBe('multipart/mixed, application/resource-lists+xml');
    const list: Part = [['Content-Type: text/csv', 'Content-Disposition: recipient-list'], 'bob,carol'];
    expect((await refused([textPart('x'), list]))[0]).toBe(415);
    expect((await refused([textPart('x')], [...listFields, 'Content-Encoding: gzip']))[0]).toBe(415);
  });

  it('malformed lists with 400 and a reason', async () => {
    const list = (text: string): Part => [listPart([])[0], text];
    expect(await refused([textPart('x')])).toEqual([400, expect.stringContaining('recipient-list')]);
    expect(await refused([listPart(bobAndCarol)])).toEqual([400, expect.stringContaining('a message beside')]);
    expect(await refused([textPart('x'), list('<resource-lists')])).toEqual([400, expect.stringContaining('no XML')]);
    expect(await refused([textPart('x'), list(listXml([]))])).toEqual([400, expect.stringContaining('names nobody')]);
    expect(await refused([textPart('x'), listPart([['bob']])])).toEqual([400, expect.stringContaining('entry 1')]);
    const open = multipart([textPart('x'), listPart(bobAndCarol)]).replace('--b1--', '');
    expect((await alice.request('MESSAGE', service, { fields: listFields, body: open })).statusCode).toBe(400);
  });

  it('recipients who have not agreed with 470, and sends nothing at all (RFC 5363 §5.2, RFC 5360 §5.9)', async () => {
    const entries: readonly Entry[] = [['sip:bob@localhost'], ['sip:zoe@example.org'], ['sip:yan@example.net']];
    const response = await send([textPart('spam'), listPart(entries)]);
    expect(response.statusCode).toBe(470);
    expect(readRawAll(response, 'Permission-Missing')).toEqual(['<sip:zoe@example.org>', '<sip:yan@example.net>']);
    await send([textPart('after'), listPart([['sip:bob@localhost']])]);
    expect(decodeUtf8((await taken(bob)).body)).toBe('after');
  });

  it('more recipients than allowed with 403 (RFC 5363 §5.3)', async () => {
    const entries = Array.from({ length: 21 }, (_, i): Entry => [`sip:user${i}@localhost`]);
    expect(await refused([textPart('x'), listPart(entries)])).toEqual([403, expect.stringContaining('at most 20')]);
  });

  it('methods other than MESSAGE and OPTIONS', async () => {
    const options = await alice.ask('OPTIONS', service);
    expect(options.statusCode).toBe(200);
    expect(readRaw(options, 'Supported')).toBe('recipient-list-message, replace-message');
    const invite = await alice.ask('SUBSCRIBE', service, { fields: ['Event: presence'] });
    expect(invite.statusCode).toBe(405);
    expect(readRaw(invite, 'Allow')).toBe('MESSAGE, OPTIONS');
  });
});
