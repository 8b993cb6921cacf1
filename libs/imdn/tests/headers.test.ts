import type { CpimHead } from '@parley/cpim';
import { parseCpim, serialiseCpimHead, parseCpimHead } from '@parley/cpim';
import { encodeUtf8, unwrap } from '@parley/prelude';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ImdnHeaders } from '../src/index.ts';
import {
  imdnHeadersOf,
  messageIdOf,
  notifyRequestsOf,
  notifyRequestsText,
  parseNotifyRequests,
  wantsSummary,
  writeImdnHeaders,
} from '../src/index.ts';
import { vector } from './vectors.ts';

function headOf(...lines: readonly string[]): CpimHead {
  const scan = unwrap(parseCpimHead(encodeUtf8(`${lines.join('\r\n')}\r\n\r\n`)));
  if (!scan.complete) throw new Error('no whole head');
  return scan.value;
}

describe('the headers of disposition notification (RFC 5438 §6)', () => {
  it('are those of the example (§7.1.1.3)', () => {
    expect(unwrap(imdnHeadersOf(unwrap(parseCpim(vector('valid', '7.1.1.3-im.cpim'))).head))).toEqual({
      messageId: '34jk324j',
      requests: [
        { type: 'positive-delivery', parameters: [] },
        { type: 'negative-delivery', parameters: [] },
      ],
      recordRoutes: [],
      routes: [],
    });
  });

  it('may have any prefix that the message declares (§6.1)', () => {
    expect(unwrap(messageIdOf(headOf('NS: x <urn:ietf:params:imdn>', 'x.Message-ID: 1')))).toBe('1');
    expect(unwrap(messageIdOf(headOf('NS: imdn <urn:other>', 'imdn.Message-ID: 1')))).toBeUndefined();
  });

  it('are refused where there are two of what may be there once, or what is no address', () => {
    for (const lines of [
      ['imdn.Message-ID: 1', 'imdn.Message-ID: 2'],
      ['imdn.Message-ID: 1 2'],
      ['imdn.Original-To: <im:a@h>', 'imdn.Original-To: <im:b@h>'],
      ['imdn.Original-To: nobody'],
      ['imdn.IMDN-Record-Route: <>'],
      ['imdn.IMDN-Route: x'],
    ]) {
      expect(imdnHeadersOf(headOf(...lines)).ok).toBe(false);
    }
  });

  it('are read back as they were written', () => {
    const address = fc.record(
      {
        formalName: fc.stringMatching(/^[ -~é]*[!-~é]$/).map((name) => name.trim()),
        uri: fc.constantFrom('im:a@h', 'sip:b@h;x=1'),
      },
      { requiredKeys: ['uri'] },
    );
    const parameter = fc.record(
      { name: fc.constantFrom('summary', 'x'), value: fc.stringMatching(/^[ -~]*$/) },
      { requiredKeys: ['name'] },
    );
    const request = fc.record({
      type: fc.constantFrom('positive-delivery', 'display', 'unheard-of'),
      parameters: fc.array(parameter, { maxLength: 2 }),
    });
    const headers: fc.Arbitrary<ImdnHeaders> = fc.record(
      {
        messageId: fc.stringMatching(/^[!-~]{1,12}$/),
        requests: fc.array(request, { maxLength: 3 }),
        originalTo: address,
        recordRoutes: fc.array(address, { maxLength: 2 }),
        routes: fc.array(address, { maxLength: 2 }),
      },
      { requiredKeys: ['requests', 'recordRoutes', 'routes'] },
    );
    fc.assert(
      fc.property(headers, (value) => {
        const octets = serialiseCpimHead({ headers: writeImdnHeaders(value) });
        const scan = unwrap(parseCpimHead(octets));
        expect(scan.complete && unwrap(imdnHeadersOf(scan.value))).toEqual(value);
      }),
    );
  });
});

describe('Disposition-Notification (RFC 5438 §10)', () => {
  it('asks for nothing when absent or empty (§7.1.1.3)', () => {
    expect(notifyRequestsOf(headOf('imdn.Message-ID: 1'))).toEqual([]);
    expect(parseNotifyRequests('')).toEqual([]);
    expect(parseNotifyRequests(' , ,')).toEqual([]);
  });

  it('may have parameters, whose strings may hold what separates', () => {
    expect(parseNotifyRequests('display ; a = b;c="x,\\"y\\";z" , positive-delivery;summary')).toEqual([
      {
        type: 'display',
        parameters: [
          { name: 'a', value: 'b' },
          { name: 'c', value: 'x,"y";z' },
        ],
      },
      { type: 'positive-delivery', parameters: [{ name: 'summary' }] },
    ]);
  });

  it('says with ;summary that the answers of a group come as one', () => {
    const [plain, summed] = parseNotifyRequests('display, positive-delivery;x=1;summary');
    expect([plain, summed].map((request) => request !== undefined && wantsSummary(request))).toEqual([false, true]);
    expect(notifyRequestsText(summed === undefined ? [] : [summed])).toBe('positive-delivery;x=1;summary');
  });

  it('passes over what it cannot read, in a time that grows with the text only', () => {
    expect(parseNotifyRequests('two words, display;;=;a b=c').map(({ type }) => type)).toEqual(['display']);
    expect(parseNotifyRequests(`display;x=${'"\\"'.repeat(10_000)}`)).toHaveLength(1);
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(' ', ',', ';', '=', '"', '\\', '\0', 'é', 'display', 'summary')),
        (pieces) => {
          expect(Array.isArray(parseNotifyRequests(pieces.join('')))).toBe(true);
        },
      ),
    );
  });
});
