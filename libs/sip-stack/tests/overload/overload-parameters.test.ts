import { createResponseTo, readRaw, withRawField } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  offersOverloadControl,
  overloadFeedback,
  overloadOffer,
  withOverloadFeedback,
  withoutOverloadParameters,
} from '../../src/index.ts';
import { request } from '../requests.ts';

function withVia(via: string): SipRequest {
  return withRawField(request('MESSAGE'), 'Via', via);
}

const plain = 'SIP/2.0/TCP p1.example.net;branch=z9hG4bK1';

describe('The parameters of overload control in Via (RFC 7339 §4)', () => {
  it.each([
    [`${plain};oc;oc-algo="loss,A"`, true],
    [`${plain}${overloadOffer}`, true],
    [`${plain};oc;oc-algo="A, LOSS"`, true],
    [`${plain};oc;oc-algo=loss`, true],
    [`${plain};oc;oc-algo="rate"`, false],
    [`${plain};oc`, false],
    [`${plain};oc=20;oc-algo="loss"`, false],
    [`${plain};ocean;oc-algo="loss"`, false],
    [plain, false],
  ])('%s offers: %s (§4.1, §4.2)', (via, offers) => {
    expect(offersOverloadControl(withVia(via))).toBe(offers);
  });

  it('SHOULD be taken off before the request goes further (§5.6)', () => {
    const bare = withoutOverloadParameters(withVia(`${plain};oc;oc-algo="loss,A";x=y`));
    expect(readRaw(bare, 'Via')).toBe(`${plain};x=y`);
    const untouched = withVia(`${plain};x=y`);
    expect(withoutOverloadParameters(untouched)).toBe(untouched);
  });

  it('MUST hold a value and the one algorithm in the response (§4.1, §4.2, §4.4, §6)', () => {
    const response = createResponseTo(withVia(plain), 200);
    const told = withOverloadFeedback(response, { loss: 20, validity: 500, sequence: 1282321615.782 });
    expect(readRaw(told, 'Via')).toBe(`${plain};oc=20;oc-algo="loss";oc-validity=500;oc-seq=1282321615.782`);
  });

  it('come back as they were said', () => {
    const numbers = { loss: fc.nat(100), validity: fc.nat(100_000), sequence: fc.nat(2 ** 31) };
    fc.assert(
      fc.property(fc.record(numbers), (feedback) => {
        expect(overloadFeedback(withOverloadFeedback(createResponseTo(withVia(plain), 200), feedback))).toEqual(
          feedback,
        );
      }),
    );
  });

  it.each([
    ['oc=10;oc-algo="loss"', { loss: 10, validity: 500, sequence: 0 }],
    ['oc=900;oc-algo="loss";oc-validity=0', { loss: 100, validity: 0, sequence: 0 }],
    ['oc=10', undefined],
    ['oc=10;oc-algo="rate"', undefined],
    ['oc;oc-algo="loss"', undefined],
    ['oc=-1;oc-algo="loss"', undefined],
    ['oc-validity=5000', undefined],
  ])('%s says %j (§4.3, §5.4)', (parameters, feedback) => {
    expect(overloadFeedback(createResponseTo(withVia(`${plain};${parameters}`), 200))).toEqual(feedback);
  });
});
