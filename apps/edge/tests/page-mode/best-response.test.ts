import { describe, expect, it } from 'vitest';
import { bestResponse } from '../../src/page-mode/best-response.ts';

const best = (first: number, ...codes: number[]): number =>
  bestResponse([{ statusCode: first }, ...codes.map((statusCode) => ({ statusCode }))]).statusCode;

describe('Best response of a fork (RFC 3261 §16.7 step 6)', () => {
  it('is a 2xx where there is one', () => {
    expect(best(404, 603, 200)).toBe(200);
  });
  it('is a 6xx before any lower class without success', () => {
    expect(best(404, 603, 302)).toBe(603);
  });
  it('is of the lowest class otherwise', () => {
    expect(best(500, 404, 302)).toBe(302);
  });
  it('SHOULD prefer 401, 407, 415, 420 and 484 within 4xx', () => {
    expect(best(404, 415, 486)).toBe(415);
  });
  it('prefers any other 5xx to 503, which a proxy would have to turn into 500', () => {
    expect(best(503, 500)).toBe(500);
  });
  it('is the first of equals', () => {
    expect(
      bestResponse([
        { statusCode: 480, n: 1 },
        { statusCode: 486, n: 2 },
      ]),
    ).toMatchObject({ n: 1 });
  });
});
