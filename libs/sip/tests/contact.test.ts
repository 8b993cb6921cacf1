import { unwrap } from '@parley/prelude';
import { describe, expect, it } from 'vitest';
import { field, read } from '../src/index.ts';
import { failure, message } from './support.ts';

const contactWith = (regId: string) =>
  read(message(`REGISTER sip:a SIP/2.0\r\nContact: <sip:a@b>;reg-id=${regId}\r\n\r\n`), field.contact);

describe('The number of a flow (RFC 5626 §4.2)', () => {
  it.each([1, 2 ** 31 - 1])('may be %d', (regId) => {
    expect(unwrap(contactWith(String(regId)))).toMatchObject({ regId });
  });

  it.each(['0', '2147483648', '99999999999999999999'])('is never %s', (regId) => {
    expect(failure(contactWith(regId)).rule).toBe('reg-id');
  });
});
