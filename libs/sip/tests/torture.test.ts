import { describe, expect, it } from 'vitest';
import { unwrap } from '@parley/prelude';
import type { SipMessage } from '../src/index.ts';
import {
  checkRequest,
  checkResponse,
  createSipFramer,
  decodeText,
  field,
  parseSipMessage,
  parseUri,
  read,
  readAll,
  readRaw,
  serialise,
  unescapeUri,
} from '../src/index.ts';
import { failure, vector, vectorsIn } from './support.ts';

const load = (name: string): SipMessage => unwrap(parseSipMessage(vector(`rfc4475/${name}`)));

function check(message: SipMessage): ReturnType<typeof checkRequest> {
  return message.kind === 'request' ? checkRequest(message) : checkResponse(message);
}

/** Method and URI of a request, code and phrase of a response. */
function startOf(message: SipMessage): string {
  return message.kind === 'request'
    ? `${message.method} ${message.requestUri}`
    : `${message.statusCode} ${message.reasonPhrase}`;
}

describe('RFC 4475 messages that are well-formed', () => {
  it.each(vectorsIn('rfc4475/valid'))('MUST accept %s and give it back', (name) => {
    const message = unwrap(parseSipMessage(vector(name)));
    expect(check(message)).toEqual({ ok: true, value: undefined });
    for (const definition of Object.values(field)) {
      expect(readAll<unknown>(message, definition).ok, definition.name).toBe(true);
    }
    expect(startOf(unwrap(parseSipMessage(serialise(message))))).toBe(startOf(message));
  });

  it('reads the folds, blanks and compact names of a short tortuous INVITE (§3.1.1.1)', () => {
    const wsinv = load('valid/wsinv');
    expect(unwrap(read(wsinv, field.to))).toMatchObject({ tag: '1918181833n', uri: { user: 'vivekg' } });
    expect(unwrap(read(wsinv, field.from))).toMatchObject({ displayName: 'J Rosenberg \\"', tag: '98asjd8' });
    expect(unwrap(read(wsinv, field.maxForwards))).toBe(68);
    expect(unwrap(read(wsinv, field.cSeq))).toEqual({ sequence: 9, method: 'INVITE' });
    expect(unwrap(read(wsinv, field.subject))).toBe('');
    expect(readRaw(wsinv, 'newfangledheader')).toBe('newfangled value continued newfangled value');
    expect(readRaw(wsinv, 'UnknownHeaderWithUnusualValue')).toBe(';;,,;;,;');
    expect(unwrap(readAll(wsinv, field.via)).map(({ host, transport, branch }) => [host, transport, branch])).toEqual([
      ['192.0.2.2', 'UDP', '390skdjuw'],
      ['spindle.example.com', 'TCP', 'z9hG4bK9ikj8'],
      ['192.168.255.111', 'UDP', 'z9hG4bK30239'],
    ]);
    const [route] = unwrap(readAll(wsinv, field.route));
    expect(route?.uri).toMatchObject({ host: 'services.example.com' });
    expect(route?.uri.kind === 'sip' && [...route.uri.parameters]).toEqual([
      ['lr', undefined],
      ['unknownwith', 'value'],
      ['unknown-no-value', undefined],
    ]);
    const contact = unwrap(read(wsinv, field.contact));
    expect(contact).toMatchObject({ displayName: 'Quoted string ""', q: 0.33 });
    expect(contact !== '*' && contact !== undefined && [...contact.parameters]).toEqual([
      ['newparam', 'newvalue'],
      ['secondparam', undefined],
    ]);
    expect(wsinv.body).toHaveLength(150);
  });

  it('takes every character that the grammar allows (§3.1.1.2)', () => {
    const intmeth = load('valid/intmeth');
    expect(intmeth).toMatchObject({ method: "!interesting-Method0123456789_*+`.%indeed'~" });
    const uri = intmeth.kind === 'request' ? unwrap(parseUri(intmeth.requestUri)) : undefined;
    expect(uri).toMatchObject({
      user: "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*",
      password: "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)",
      host: 'example.com',
    });
    expect(unwrap(read(intmeth, field.to))).toMatchObject({ displayName: 'BEL:\u0007 NUL:\0 DEL:\u007f' });
    const from = unwrap(read(intmeth, field.from));
    expect(from).toMatchObject({ displayName: "token1~` token2'+_ token3*%!.-", tag: "_token~1'+`*%!-." });
    expect(decodeText(from?.parameters.get("fromparam''~+*_!.-%") ?? '')).toBe('"работающий"');
    expect(decodeText(readRaw(intmeth, "extensionHeader-!.%*+_`'~") ?? '')).toBe('\ufeff大停電');
    expect(unwrap(read(intmeth, field.callId))).toBe('intmeth.word%ZK-!.*_+\'@word`~)(><:\\/"][?}{');
  });

  it('takes escapes off once and only where they are escapes (§3.1.1.3, §3.1.1.5)', () => {
    const esc01 = load('valid/esc01');
    expect(unwrap(read(esc01, field.to))?.uri).toMatchObject({ user: '%75se%72' });
    expect(unescapeUri('%75se%72')).toBe('user');
    const contact = unwrap(read(esc01, field.contact));
    expect(contact !== '*' && contact?.uri.kind === 'sip' && [...contact.uri.parameters]).toEqual([
      ['lr', undefined],
      ['name', 'v%61lue%25%34%31'],
    ]);
    expect(unescapeUri('v%61lue%25%34%31')).toBe('value%41');
    const esc02 = load('valid/esc02');
    expect(unwrap(read(esc02, field.to))).toMatchObject({ displayName: '%Z%45' });
    expect(unwrap(readAll(esc02, field.contact))).toHaveLength(2);
    expect(esc02).toMatchObject({ method: 'RE%47IST%45R' });
  });

  it('keeps escaped nulls apart (§3.1.1.4)', () => {
    const contacts = unwrap(readAll(load('valid/escnull'), field.contact));
    expect(contacts.map((contact) => contact !== '*' && contact.uri.kind === 'sip' && contact.uri.user)).toEqual([
      '%00',
      '%00%00',
    ]);
    expect(unescapeUri('null-%00-null')).toBe('null-\0-null');
  });

  it('needs no blank before < (§3.1.1.6)', () => {
    expect(unwrap(read(load('valid/lwsdisp'), field.from))).toMatchObject({ displayName: 'caller', tag: '323' });
  });

  it('reads long values and Via in every spelling (§3.1.1.7)', () => {
    const longreq = load('valid/longreq');
    expect(unwrap(readAll(longreq, field.via))).toHaveLength(34);
    expect(unwrap(read(longreq, field.from))?.tag).toMatch(/^12(?:982){50}424$/);
    expect(unwrap(read(longreq, field.to))?.uri).toMatchObject({ port: 6000 });
  });

  it('MUST ignore octets behind the body of a datagram (§3.1.1.8)', () => {
    const dblreq = load('valid/dblreq');
    expect(startOf(dblreq)).toBe('REGISTER sip:example.com');
    expect(dblreq.body).toHaveLength(0);
    expect(new TextDecoder().decode(serialise(dblreq))).not.toContain('INVITE');
  });

  it('keeps semicolons in the user part (§3.1.1.9)', () => {
    const semiuri = load('valid/semiuri');
    const uri = semiuri.kind === 'request' ? unwrap(parseUri(semiuri.requestUri)) : undefined;
    expect(uri).toMatchObject({ user: 'user;par=u%40example.net', host: 'example.com' });
    expect(unwrap(readAll(semiuri, field.accept)).map(({ range }) => range)).toHaveLength(6);
  });

  it('takes transports it does not know (§3.1.1.10)', () => {
    const transports = unwrap(readAll(load('valid/transports'), field.via)).map(({ transport }) => transport);
    expect(transports).toEqual(['UDP', 'SCTP', 'TLS', 'UNKNOWN', 'TCP']);
  });

  it('keeps every octet of a binary body (§3.1.1.11)', () => {
    const mpart01 = load('valid/mpart01');
    expect(mpart01.body).toEqual(vector('rfc4475/valid/mpart01').slice(-553));
    expect(unwrap(read(mpart01, field.date))).toBe(Date.UTC(2005, 9, 15, 4, 44, 56));
    expect(unwrap(read(mpart01, field.contentType))?.parameters.get('boundary')).toBe('7a9cbec02ceef655');
  });

  it('reads any reason phrase, and none (§3.1.1.12, §3.1.1.13)', () => {
    const unreason = load('valid/unreason');
    expect(unreason.kind === 'response' && decodeText(unreason.reasonPhrase)).toBe(
      '= 2**3 * 5**2 но сто девяносто девять - простое',
    );
    expect(load('valid/noreason')).toMatchObject({ statusCode: 100, reasonPhrase: '' });
  });

  it('leaves to the layers above what only they can judge (§3.2, §3.3)', () => {
    expect(unwrap(read(load('valid/badbranch'), field.via))).toMatchObject({ branch: 'z9hG4bK' });
    expect(unwrap(readAll(load('valid/bext01'), field.require))).toEqual([
      'nothingSupportsThis',
      'nothingSupportsThisEither',
    ]);
    expect(unwrap(read(load('valid/invut'), field.contentType))?.mediaType).toBe('application/unknownformat');
    expect(unwrap(read(load('valid/regaut01'), field.authorization))).toEqual({
      kind: 'other',
      scheme: 'NoOneKnowsThisScheme',
      text: 'opaque-data=here',
    });
    expect(unwrap(readAll(load('valid/bcast'), field.via))[1]).toMatchObject({ host: '255.255.255.255' });
    expect(unwrap(read(load('valid/zeromf'), field.maxForwards))).toBe(0);
    expect(unwrap(readAll(load('valid/sdp01'), field.accept))).toMatchObject([{ range: 'text/nobodyknowsthis' }]);
  });

  it('accepts URI schemes it does not know, for a 416 or a 400 of the layer above (§3.3.2 to §3.3.4)', () => {
    const uriOf = (message: SipMessage): unknown =>
      message.kind === 'request' ? unwrap(parseUri(message.requestUri)) : undefined;
    expect(uriOf(load('valid/unkscm'))).toMatchObject({ kind: 'absolute', scheme: 'nobodyknowsthisscheme' });
    expect(uriOf(load('valid/novelsc'))).toMatchObject({ kind: 'absolute', scheme: 'soap.beep' });
    const unksm2 = load('valid/unksm2');
    expect(unwrap(read(unksm2, field.to))?.uri).toMatchObject({ scheme: 'isbn' });
    expect(unwrap(read(unksm2, field.from))?.uri).toMatchObject({ scheme: 'http' });
  });

  it('tells parameters of the header field from parameters of the URI (§3.3.12 to §3.3.14)', () => {
    const outside = unwrap(read(load('valid/cparam01'), field.contact));
    const inside = unwrap(read(load('valid/cparam02'), field.contact));
    const escaped = unwrap(read(load('valid/regescrt'), field.contact));
    if (outside === '*' || inside === '*' || escaped === '*') throw new Error('a star');
    expect([...(outside?.parameters ?? [])]).toEqual([['unknownparam', undefined]]);
    expect(inside?.parameters.size).toBe(0);
    expect(inside?.uri.kind === 'sip' && [...inside.uri.parameters]).toEqual([['unknownparam', undefined]]);
    expect(escaped?.uri).toMatchObject({ headers: [['route', '%3Csip:sip.example.com%3E']] });
  });

  it('takes a request of RFC 2543 without branch, tag, Content-Length and Max-Forwards (§3.4.1)', () => {
    const inv2543 = load('valid/inv2543');
    expect(unwrap(read(inv2543, field.from))?.tag).toBeUndefined();
    expect(unwrap(read(inv2543, field.to))?.parameters.get('user')).toBe('phone');
    expect(inv2543.body.length).toBeGreaterThan(0);
  });
});

describe('RFC 4475 messages that parsing refuses', () => {
  it.each([
    ['clerr', 'message-body', 400, '§3.1.2.2'],
    ['ncl', 'Content-Length', 400, '§3.1.2.3'],
    ['ltgtruri', 'Request-URI', 400, '§3.1.2.7'],
    ['lwsruri', 'Request-URI', 400, '§3.1.2.8'],
    ['lwsstart', 'Request-URI', 400, '§3.1.2.9'],
    ['trws', 'Request-URI', 400, '§3.1.2.10'],
    ['baddn', 'SIP-message', 400, '§3.1.2.15, and the archive has no blank line'],
    ['badvers', 'SIP-Version', 505, '§3.1.2.16'],
    ['mcl01', 'Content-Length', 400, '§3.3.9'],
    ['test', 'Request-URI', 400, 'no SIP-Version, in the archive only'],
  ])('answers %s for its %s with %i (%s)', (name, rule, status) => {
    const error = failure(parseSipMessage(vector(`rfc4475/invalid/${name}`)));
    expect(error).toMatchObject({ rule, status, salvaged: { kind: 'request' } });
    expect(error.salvaged && readRaw(error.salvaged, 'Call-ID')).toMatch(new RegExp(`^${name}\\.`));
  });

  it('drops a response with a code above 699 (§3.1.2.19)', () => {
    const error = failure(parseSipMessage(vector('rfc4475/invalid/bigcode')));
    expect(error).toMatchObject({ rule: 'Status-Code', status: undefined });
  });

  it.each(['ncl', 'mcl01'])('MUST end a stream at %s (§3.1.2.3, §3.3.9)', (name) => {
    const events = createSipFramer().push(vector(`rfc4475/invalid/${name}`));
    expect(events).toMatchObject([{ kind: 'error', fatal: true, error: { status: 400 } }]);
  });

  it('waits over a stream for a body that Content-Length announces (§3.1.2.2)', () => {
    expect(createSipFramer().push(vector('rfc4475/invalid/clerr'))).toEqual([]);
  });
});

describe('RFC 4475 messages that the check of mandatory fields refuses', () => {
  it.each([
    ['badinv01', /generic-param/, '§3.1.2.1'],
    ['scalar02', /^CSeq/, '§3.1.2.4'],
    ['scalarlg', /^CSeq/, '§3.1.2.5'],
    ['quotbal', /closing quotation mark/, '§3.1.2.6'],
    ['escruri', /Request-URI without headers/, '§3.1.2.11'],
    ['badaspec', /^scheme/, '§3.1.2.14'],
    ['mismatch01', /method of the request in CSeq/, '§3.1.2.17'],
    ['mismatch02', /method of the request in CSeq/, '§3.1.2.18'],
    ['insuf', /expected From/, '§3.3.1'],
    ['multi01', /at most once/, '§3.3.8'],
  ])('answers %s with 400 because of %s (%s)', (name, reason) => {
    const violation = failure(check(load(`invalid/${name}`)));
    expect(violation).toMatchObject({ kind: 'PeerViolation', status: 400 });
    expect(violation.message).toMatch(reason);
  });

  it('refuses a display name with a comma and no quotes, given its blank line (§3.1.2.15)', () => {
    const baddn = unwrap(parseSipMessage(new Uint8Array([...vector('rfc4475/invalid/baddn'), 0x0d, 0x0a])));
    expect(failure(check(baddn)).status).toBe(400);
  });
});

describe('RFC 4475 messages whose fault is in a field that only some elements need', () => {
  it('fails when somebody reads a Date that is not GMT (§3.1.2.12)', () => {
    const baddate = load('invalid/baddate');
    expect(check(baddate).ok).toBe(true);
    expect(failure(read(baddate, field.date)).rule).toBe('SIP-date');
  });

  it('fails when a registrar reads a Contact that lacks its brackets (§3.1.2.13)', () => {
    const regbadct = load('invalid/regbadct');
    expect(check(regbadct).ok).toBe(true);
    expect(failure(read(regbadct, field.contact)).rule).toBe('addr-spec');
  });
});
