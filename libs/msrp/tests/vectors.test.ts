import { describe, expect, it } from 'vitest';
import {
  digestParametersOf,
  expiresOf,
  fieldValue,
  nicknameOf,
  serialiseRequest,
  serialiseResponse,
  usePathOf,
} from '../src/index.ts';
import type { HeaderField, MsrpEvent, MsrpRequestHead } from '../src/index.ts';
import { bytesOf, readAll } from './support/events.ts';
import { nativeCodec } from './support/native-codec.ts';
import { vectorsOf } from './support/vectors.ts';

interface Valid {
  readonly kind: 'request' | 'response';
  readonly method?: string;
  readonly code?: number;
  readonly comment?: string;
  readonly transactionId: string;
  readonly toPath: readonly string[];
  readonly fromPath: readonly string[];
  readonly fields: Readonly<Record<string, string>>;
  readonly flag: string;
  readonly body?: string;
}

interface Invalid {
  readonly rule: string;
  readonly fatal: boolean;
  readonly status: number;
  readonly answerable: boolean;
}

const text = (bytes: Uint8Array): string => nativeCodec.decodeLatin1(bytes, 0, bytes.length);

/** The whole message that the events are, as octets again. */
function writeBack(events: readonly MsrpEvent[]): string {
  const [first, second, third] = events;
  if (first?.kind === 'response') return serialiseResponse(first.response);
  if (first?.kind === 'request') return serialiseRequest(first.request, first.flag);
  if (first?.kind === 'start' && second?.kind === 'body' && third?.kind === 'end') {
    return serialiseRequest(first.request, third.flag, text(second.bytes));
  }
  return '';
}

function requestOf(events: readonly MsrpEvent[]): MsrpRequestHead | undefined {
  const [first] = events;
  return first?.kind === 'start' || first?.kind === 'request' ? first.request : undefined;
}

const fieldsOf = (events: readonly MsrpEvent[]): readonly HeaderField[] => {
  const [first] = events;
  return (first?.kind === 'response' ? first.response.fields : requestOf(events)?.fields) ?? [];
};

// `clients`: as a browser over WebSocket and a Node client over TCP send it.
describe.each(['rfc4975', 'rfc4976', 'rfc7701', 'rfc7977', 'clients'])('%s examples', (rfc) => {
  it.each(vectorsOf<Valid>(`${rfc}/valid`))('$name is read as the document means it', ({ bytes, expected }) => {
    const events = readAll(bytes, { codec: nativeCodec });
    const [first] = events;
    const head = first?.kind === 'response' ? first.response : requestOf(events);
    expect(head?.transactionId).toBe(expected.transactionId);
    expect(head?.toPath.text.split(' ')).toEqual(expected.toPath);
    expect(head?.fromPath.text.split(' ')).toEqual(expected.fromPath);
    if (first?.kind === 'response') expect(first.response).toMatchObject({ code: expected.code });
    else expect(requestOf(events)?.method).toBe(expected.method);
    const body = events.find((event) => event.kind === 'body');
    expect(body === undefined ? undefined : text(body.bytes)).toBe(expected.body);
    const last = events.at(-1);
    if (last?.kind === 'end' || last?.kind === 'request') expect(last.flag).toBe(expected.flag);
    const lines = writeBack(events).split('\r\n');
    for (const [name, value] of Object.entries(expected.fields)) expect(lines).toContain(`${name}: ${value}`);
  });

  it.each(vectorsOf<Valid>(`${rfc}/valid`))('$name means the same when written and read again', ({ bytes }) => {
    const events = readAll(bytes);
    expect(readAll(bytesOf(writeBack(events)))).toEqual(events);
  });

  it.each(vectorsOf<Valid>(`${rfc}/valid`))('$name gives the same events wherever it is cut', ({ bytes }) => {
    const events = readAll(bytes);
    for (let cut = 1; cut < bytes.length; cut++) expect(readAll(bytes, { cuts: [cut] })).toEqual(events);
  });
});

describe('malformed messages (RFC 4975 §9)', () => {
  it.each(vectorsOf<Invalid>('rfc4975/invalid'))('$name', ({ bytes, expected }) => {
    const events = readAll(bytes, { codec: nativeCodec });
    const found = events.find((event) => event.kind === 'error');
    expect({
      rule: found?.error.rule,
      fatal: found?.fatal,
      status: found?.status,
      answerable: found?.request !== undefined,
    }).toEqual(expected);
    for (let cut = 1; cut < bytes.length; cut++) expect(readAll(bytes, { cuts: [cut] })).toEqual(events);
  });

  it.each(vectorsOf<Invalid>('rfc4975/invalid').filter(({ expected }) => !expected.fatal))(
    '$name does not harm the next message',
    ({ bytes }) => {
      const [next] = vectorsOf<Valid>('rfc4975/valid');
      const events = readAll(Uint8Array.from([...bytes, ...(next?.bytes ?? [])]));
      expect(events.slice(1)).toEqual(readAll(next?.bytes ?? new Uint8Array()));
    },
  );
});

describe('Use-Nickname that MUST be answered with 424 (RFC 7701 §7.1)', () => {
  it.each(vectorsOf<Pick<Invalid, 'rule'>>('rfc7701/invalid'))('$name', ({ bytes, expected }) => {
    const nickname = nicknameOf({ fields: fieldsOf(readAll(bytes)) });
    expect(nickname).toMatchObject({ ok: false, error: { rule: expected.rule } });
  });
});

describe('malformed fields of AUTH (RFC 4976 §7)', () => {
  it.each(vectorsOf<Pick<Invalid, 'rule'>>('rfc4976/invalid'))('$name', ({ bytes, expected }) => {
    const fields = fieldsOf(readAll(bytes));
    const results = [expiresOf(fields), digestParametersOf(fields, 'Authorization'), usePathOf(fields)];
    expect(results.flatMap((result) => (result.ok ? [] : [result.error.rule]))).toEqual([expected.rule]);
  });
});

describe('digest fields of the examples (RFC 4976 §5.1)', () => {
  it('reads the challenge, the credentials and the next nonce', () => {
    const all = vectorsOf<Valid>('rfc4976/valid').flatMap(({ bytes }) => fieldsOf(readAll(bytes)));
    const challenge = digestParametersOf(all, 'WWW-Authenticate');
    expect(challenge.ok && challenge.value).toEqual([
      { name: 'realm', value: 'intra.example.com', quoted: true },
      { name: 'qop', value: 'auth', quoted: true },
      { name: 'nonce', value: 'dcd98b7102dd2f0e8b11d0f600bfb0c093', quoted: true },
    ]);
    const credentials = digestParametersOf(all, 'Authorization');
    expect(credentials.ok && credentials.value?.map(({ name }) => name)).toContain('response');
    const info = digestParametersOf(all, 'Authentication-Info');
    expect(info.ok && info.value?.[0]).toMatchObject({ name: 'nextnonce' });
    expect(fieldValue(all, 'expires')).toBe('1800');
  });
});
