import { readdirSync, readFileSync } from 'node:fs';
import { readRaw } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import { Phone } from '../support/phone.ts';
import { startTestEdge } from '../support/test-edge.ts';

/*
 * Every message of RFC 4475 §3 and RFC 5118 §4 through a socket of an edge that serves the names they are sent to and
 * believes From. What a text lets through shows by the answer that its meaning gets, which no malformed message reaches:
 * 480 for a user who is away, 404, 403 where From is nobody here.
 */

const env = {
  PARLEY_DOMAIN: 'example.com',
  PARLEY_DOMAIN_ALIASES: [
    'example.net,example.org,registrar.example.com,chair-dnrc.example.com,ss1.example.net,ift.client.example.net',
    'services.example.com,host.example.net,east.example.com,[2001:db8::10],[2001:db8::192.0.2.1]',
  ].join(','),
  PARLEY_AUTH: 'none',
  PARLEY_USERS: [
    'user',
    'caller',
    'watson',
    'jdrosen',
    'fluffy',
    'kumiko',
    'resource',
    'mundane',
    'j.user',
    'vivekg',
    'joe',
  ]
    .map((name) => `${name}:secret`)
    .join(','),
};

const vectors = new URL('../../../../test/vectors/', import.meta.url);

/** Status of the answer. */
async function answerTo(file: string): Promise<number> {
  await using edge = await startTestEdge({ env });
  await using phone = await Phone.udp(edge.port, 'user', 'secret', 'example.com');
  phone.send(octetsOf(file));
  return (await phone.final()).statusCode;
}

/** Whether nothing comes back, and the edge goes on. */
async function isUnanswered(file: string): Promise<boolean> {
  await using edge = await startTestEdge({ env });
  await using phone = await Phone.udp(edge.port, 'user', 'secret', 'example.com');
  phone.send(octetsOf(file));
  const next = await phone.ask('OPTIONS', 'sip:example.com');
  return readRaw(next, 'Call-ID') === phone.callId && next.statusCode === 200;
}

function octetsOf(file: string): Buffer {
  return readFileSync(new URL(`${file}.dat`, vectors));
}

type Row = readonly [file: string, answer: number | 'none', section: string];

const torture: readonly Row[] = [
  ['rfc4475/valid/wsinv', 480, '§3.1.1.1'],
  ['rfc4475/valid/intmeth', 404, '§3.1.1.2'],
  ['rfc4475/valid/esc01', 403, '§3.1.1.3'],
  ['rfc4475/valid/escnull', 403, '§3.1.1.4'],
  ['rfc4475/valid/esc02', 501, '§3.1.1.5'],
  ['rfc4475/valid/lwsdisp', 480, '§3.1.1.6'],
  ['rfc4475/valid/longreq', 403, '§3.1.1.7'],
  ['rfc4475/valid/dblreq', 200, '§3.1.1.8'],
  ['rfc4475/valid/semiuri', 404, '§3.1.1.9'],
  ['rfc4475/valid/transports', 480, '§3.1.1.10'],
  ['rfc4475/valid/mpart01', 'none', '§3.1.1.11: goes on to its Route, where nobody is'],
  ['rfc4475/valid/unreason', 'none', '§3.1.1.12'],
  ['rfc4475/valid/noreason', 'none', '§3.1.1.13'],
  ['rfc4475/invalid/badinv01', 400, '§3.1.2.1'],
  ['rfc4475/invalid/clerr', 400, '§3.1.2.2'],
  ['rfc4475/invalid/ncl', 400, '§3.1.2.3'],
  ['rfc4475/invalid/scalar02', 400, '§3.1.2.4'],
  ['rfc4475/invalid/scalarlg', 'none', '§3.1.2.5'],
  ['rfc4475/invalid/quotbal', 400, '§3.1.2.6'],
  ['rfc4475/invalid/ltgtruri', 400, '§3.1.2.7'],
  ['rfc4475/invalid/lwsruri', 400, '§3.1.2.8'],
  ['rfc4475/invalid/lwsstart', 400, '§3.1.2.9'],
  ['rfc4475/invalid/trws', 400, '§3.1.2.10'],
  ['rfc4475/invalid/escruri', 400, '§3.1.2.11'],
  ['rfc4475/invalid/baddate', 480, '§3.1.2.12'],
  ['rfc4475/invalid/regbadct', 400, '§3.1.2.13'],
  ['rfc4475/invalid/badaspec', 400, '§3.1.2.14'],
  ['rfc4475/invalid/baddn', 400, '§3.1.2.15'],
  ['rfc4475/invalid/badvers', 505, '§3.1.2.16'],
  ['rfc4475/invalid/mismatch01', 400, '§3.1.2.17'],
  ['rfc4475/invalid/mismatch02', 400, '§3.1.2.18'],
  ['rfc4475/invalid/bigcode', 'none', '§3.1.2.19'],
  ['rfc4475/valid/badbranch', 480, '§3.2.1'],
  ['rfc4475/invalid/insuf', 400, '§3.3.1'],
  ['rfc4475/valid/unkscm', 416, '§3.3.2'],
  ['rfc4475/valid/novelsc', 416, '§3.3.3'],
  ['rfc4475/valid/unksm2', 400, '§3.3.4'],
  ['rfc4475/valid/bext01', 420, '§3.3.5'],
  ['rfc4475/valid/invut', 480, '§3.3.6'],
  ['rfc4475/valid/regaut01', 200, '§3.3.7'],
  ['rfc4475/invalid/multi01', 400, '§3.3.8'],
  ['rfc4475/invalid/mcl01', 400, '§3.3.9'],
  ['rfc4475/valid/bcast', 'none', '§3.3.10'],
  ['rfc4475/valid/zeromf', 483, '§3.3.11'],
  ['rfc4475/valid/cparam01', 200, '§3.3.12'],
  ['rfc4475/valid/cparam02', 200, '§3.3.13'],
  ['rfc4475/valid/regescrt', 403, '§3.3.14: a Contact at an address of the registrar itself would loop'],
  ['rfc4475/valid/sdp01', 480, '§3.3.15'],
  ['rfc4475/valid/inv2543', 403, '§3.4.1'],
  ['rfc4475/invalid/test', 'none', 'appendix A alone'],
];

const ipv6: readonly Row[] = [
  ['rfc5118/valid/ipv6-good', 200, '§4.1'],
  ['rfc5118/invalid/ipv6-bad', 400, '§4.2'],
  ['rfc5118/valid/port-ambiguous', 403, '§4.3'],
  ['rfc5118/valid/port-unambiguous', 403, '§4.4'],
  ['rfc5118/valid/via-received-param-with-delim', 481, '§4.5'],
  ['rfc5118/valid/via-received-param-no-delim', 200, '§4.5'],
  ['rfc5118/valid/ipv6-in-sdp', 480, '§4.6'],
  ['rfc5118/valid/mult-ip-in-header', 480, '§4.7'],
  ['rfc5118/valid/mult-ip-in-sdp', 480, '§4.8'],
  ['rfc5118/valid/ipv4-mapped-ipv6', 480, '§4.9'],
  ['rfc5118/valid/ipv6-bug-abnf-3-colons', 480, '§4.10'],
  ['rfc5118/valid/ipv6-correct-abnf-2-colons', 480, '§4.10'],
];

const files = (rfc: string): readonly string[] =>
  ['valid', 'invalid'].flatMap((kind) =>
    readdirSync(new URL(`${rfc}/${kind}/`, vectors)).map((name) => `${rfc}/${kind}/${name.replace('.dat', '')}`),
  );

const lostFraming: readonly Row[] = [
  ['rfc4475/invalid/ncl', 400, '§3.1.2.3'],
  ['rfc4475/invalid/mcl01', 400, '§3.3.9'],
  ['rfc4475/valid/inv2543', 400, '§3.4.1: without Content-Length no stream has an end'],
];

describe('the torture messages through a socket', () => {
  it('are all here', () => {
    expect(torture.map(([file]) => file).sort()).toEqual([...files('rfc4475')].sort());
    expect(ipv6.map(([file]) => file).sort()).toEqual([...files('rfc5118')].sort());
  });

  it.each(torture)('%s: %s (RFC 4475 %s)', async (file, answer) => {
    expect(answer === 'none' ? await isUnanswered(file) : await answerTo(file)).toBe(answer === 'none' ? true : answer);
  });

  it.each(ipv6)('%s: %s (RFC 5118 %s)', async (file, answer) => {
    expect(answer === 'none' ? await isUnanswered(file) : await answerTo(file)).toBe(answer === 'none' ? true : answer);
  });

  it.each(lostFraming)(
    '%s: %s over TCP, and the connection ends, for its framing is lost (RFC 4475 %s)',
    async (file, answer) => {
      await using edge = await startTestEdge({ env });
      await using phone = await Phone.tcp(edge.port, 'user', 'secret', 'example.com');
      phone.send(octetsOf(file));
      expect((await phone.final()).statusCode).toBe(answer);
      await phone.closed;
    },
  );
});
