import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { field, headerLine, serialise, withField, withLines, withoutFirst, withTop } from '../src/index.ts';
import { request } from './support.ts';

const line = fc.constantFrom(
  'Max-Forwards: 70',
  'max-forwards: 7',
  'Max-Breadth: 3',
  'Date: x',
  'X-Own: 1',
  'To: <sip:b@c>',
);
const requests = fc
  .array(line, { maxLength: 8 })
  .map((lines) => request(['MESSAGE sip:b@c SIP/2.0', ...lines, '', ''].join('\r\n')));

describe('lines that are put into many messages', () => {
  it('do together what they do one by one', () => {
    const [hops, breadth] = [headerLine(field.maxForwards, 69), headerLine(field.maxBreadth, 60)];
    fc.assert(
      fc.property(requests, (message) => {
        const inTurn = withField(withField(message, field.maxForwards, 69), field.maxBreadth, 60);
        expect(serialise(withLines(message, [hops, breadth]))).toEqual(serialise(inTurn));
        expect(withLines(message, [])).toEqual(message);
      }),
    );
  });
});

describe('the first value of a line', () => {
  it('goes alone where the line holds several, whatever was read before', () => {
    const message = request('MESSAGE sip:b@c SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=1, SIP/2.0/UDP b;branch=2\r\n\r\n');
    const top = { ...withTop(message, field.via, viaOf('c')) };
    const back = withoutFirst(top, field.via);
    expect(serialise(back)).toEqual(serialise(message));
    expect(new TextDecoder().decode(serialise(withoutFirst(back, field.via)))).toContain(
      'Via: SIP/2.0/UDP b;branch=2\r\n',
    );
  });
});

function viaOf(host: string) {
  const via = field.via.parse(`SIP/2.0/TCP ${host};branch=3`);
  if (!via.ok) throw new Error('expected a Via');
  return via.value;
}
