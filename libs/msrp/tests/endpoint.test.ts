import { unwrap } from '@parley/prelude';
import { describe, expect, it } from 'vitest';
import {
  allowsFailureReport,
  bodyHoldsEndLine,
  checkRequest,
  createMessageId,
  createSessionId,
  createTransactionId,
  endLine,
  isAnswered,
  noHeaderFields,
  parsePath,
  phraseOf,
  reportOn,
  responseCodes,
  responseTo,
  serialiseRequest,
  serialiseResponse,
  wantsSuccessReport,
} from '../src/index.ts';
import type { MsrpRequestHead, Path } from '../src/index.ts';
import { bytesOf } from './support/events.ts';

const path = (text: string): Path => unwrap(parsePath(text, 4));
const send: MsrpRequestHead = {
  transactionId: 'd93kswow',
  method: 'SEND',
  toPath: path('msrp://bob.example.com:8888/9di4eae923wzd;tcp'),
  fromPath: path('msrps://relay.example.com:9000/abc1;tcp msrp://alicepc.example.com:7777/iau39soe2843z;tcp'),
  messageId: '12339sdqwer',
  successReport: undefined,
  failureReport: undefined,
  byteRange: { start: 1, end: 16, total: 16 },
  status: undefined,
  contentType: 'text/plain',
  fields: noHeaderFields,
};
const report: MsrpRequestHead = {
  ...send,
  method: 'REPORT',
  contentType: undefined,
  status: { namespace: '000', code: 200, comment: 'OK' },
};
const rules = {
  methods: ['NICKNAME'],
  messageBytes: 1000,
  accepts: (type: string): boolean => type === 'text/plain',
};

describe('a response (RFC 4975 §7.2)', () => {
  it('to SEND goes to the previous hop only', () => {
    expect(serialiseResponse(responseTo(send, 200))).toBe(
      'MSRP d93kswow 200 OK\r\nTo-Path: msrps://relay.example.com:9000/abc1;tcp\r\n' +
        'From-Path: msrp://bob.example.com:8888/9di4eae923wzd;tcp\r\n-------d93kswow$\r\n',
    );
  });

  it('to any other method goes along the whole From-Path', () => {
    expect(responseTo({ ...send, method: 'NICKNAME' }, 425).toPath).toBe(send.fromPath);
  });

  it('carries the comment as UTF-8, or none', () => {
    expect(serialiseResponse(responseTo(send, 403, 'né'))).toContain(' 403 n\xc3\xa9\r\n');
    expect(serialiseResponse(responseTo(send, 403, ''))).toContain(' 403\r\n');
    expect(responseTo(send, 299).comment).toBe('');
  });

  it('lets no text of others begin a new line', () => {
    expect(serialiseResponse(responseTo(send, 403, 'a\r\nX: y\0'))).toContain(' 403 a  X: y \r\nTo-Path');
  });

  it.each([
    [undefined, 200, true],
    ['yes', 200, true],
    ['yes', 413, true],
    ['partial', 200, false],
    ['partial', 413, true],
    ['no', 200, false],
    ['no', 481, false],
  ] as const)('with Failure-Report %s and code %i is due: %s (RFC 4975 §7.1.4)', (failureReport, code, due) => {
    expect(isAnswered({ ...send, failureReport }, code)).toBe(due);
  });

  it('MUST NOT be sent to REPORT (RFC 4975 §7.1.2)', () => {
    expect(isAnswered(report, 400)).toBe(false);
  });

  it('has a meaning and a source for every code of the documents', () => {
    const codes = [200, 400, 401, 403, 404, 408, 413, 415, 423, 424, 425, 427, 428, 481, 501, 506];
    expect([...responseCodes.keys()]).toEqual(codes);
    expect(codes.map(phraseOf)).not.toContain('');
  });
});

describe('a report (RFC 4975 §7.1.3, §7.1.4)', () => {
  it('goes back along the From-Path with the Message-ID and a Status', () => {
    const text = serialiseRequest(
      reportOn(send, { transactionId: 'dkei38sd', code: 200, byteRange: send.byteRange }),
      '$',
    );
    expect(text).toBe(
      'MSRP dkei38sd REPORT\r\nTo-Path: msrps://relay.example.com:9000/abc1;tcp msrp://alicepc.example.com:7777/iau39soe2843z;tcp\r\n' +
        'From-Path: msrp://bob.example.com:8888/9di4eae923wzd;tcp\r\nMessage-ID: 12339sdqwer\r\nByte-Range: 1-16/16\r\n' +
        'Status: 000 200 OK\r\n-------dkei38sd$\r\n',
    );
  });

  it('of success is sent only when asked for, of failure unless it is declined', () => {
    const success = ([undefined, 'no', 'yes'] as const).map((successReport) => wantsSuccessReport({ successReport }));
    expect(success).toEqual([false, false, true]);
    const failure = ([undefined, 'yes', 'partial', 'no'] as const).map((failureReport) =>
      allowsFailureReport({ failureReport }),
    );
    expect(failure).toEqual([true, true, true, false]);
  });
});

describe('checkRequest', () => {
  it.each([
    ['a SEND', send],
    ['a SEND without content, however little it says', { ...send, contentType: undefined, byteRange: undefined }],
    ['an empty message, 1-0/0', { ...send, byteRange: { start: 1, end: 0, total: 0 } }],
    ['an interruptible chunk', { ...send, byteRange: { start: 5, end: '*', total: '*' } }],
    ['a REPORT', report],
    ['a known extension method', { ...send, method: 'NICKNAME', contentType: undefined }],
  ] as const)('finds nothing wrong with %s', (_name, request) => {
    expect(checkRequest(request, rules)).toBeUndefined();
  });

  it.each([
    [501, 'an unknown method (RFC 4975 §12)', { ...send, method: 'AUTH' }],
    [481, 'a To-Path of several URIs (RFC 4975 §7.3)', { ...send, toPath: send.fromPath }],
    [400, 'a SEND without Message-ID (RFC 4975 §7.1.1)', { ...send, messageId: undefined }],
    [
      400,
      'a SEND with neither Message-ID nor content (RFC 4975 §7.1.1)',
      { ...send, messageId: undefined, contentType: undefined },
    ],
    [400, 'range-start 0', { ...send, byteRange: { start: 0, end: 5, total: 5 } }],
    [400, 'a range-end before its start', { ...send, byteRange: { start: 5, end: 3, total: 5 } }],
    [400, 'a range-end behind the total', { ...send, byteRange: { start: 1, end: 6, total: 5 } }],
    [400, 'a range-start behind the total', { ...send, byteRange: { start: 7, end: '*', total: 5 } }],
    [413, 'a total beyond the limit (RFC 4975 §14.5)', { ...send, byteRange: { start: 1, end: '*', total: 1001 } }],
    [413, 'a range-start beyond the limit', { ...send, byteRange: { start: 1002, end: '*', total: '*' } }],
    [415, 'a media type that is not taken (RFC 4975 §7.3.1)', { ...send, contentType: 'text/html' }],
    [
      400,
      'a transfer encoding (RFC 4975 §7.1.1)',
      { ...send, fields: [{ name: 'content-transfer-encoding', value: 'base64' }] },
    ],
    [400, 'a REPORT that asks for reports (RFC 4975 §7.1.2)', { ...report, successReport: 'no' }],
    [400, 'a REPORT without Status (RFC 4975 §7.1.2)', { ...report, status: undefined }],
    [400, 'a REPORT without Message-ID (RFC 4975 §7.1.2)', { ...report, messageId: undefined }],
    [400, 'a NICKNAME that asks for reports (RFC 7701 §7.1)', { ...send, method: 'NICKNAME', failureReport: 'no' }],
  ] as const)('answers %i to %s', (status, _name, request) => {
    expect(checkRequest(request, rules)?.status).toBe(status);
  });
});

describe('identifiers', () => {
  const random = { bytes: (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i * 7) };

  it('are long enough: 64 bits for transactions (RFC 4975 §7.1), 80 for sessions (§14.1), at five bits a character', () => {
    expect(createTransactionId(random).length * 5).toBeGreaterThanOrEqual(64);
    expect(createSessionId(random).length * 5).toBeGreaterThanOrEqual(80);
    expect(createMessageId(random)).toMatch(/^[a-z0-9]{4,32}$/);
  });

  it('MUST be changed when the body holds the end-line (RFC 4975 §7.1)', () => {
    expect(bodyHoldsEndLine(bytesOf(`a\r\n${endLine('d93kswow', '$')}`), 'd93kswow')).toBe(true);
    expect(bodyHoldsEndLine(bytesOf('a\r\n-------d93kswo$\r\n'), 'd93kswow')).toBe(false);
  });
});
