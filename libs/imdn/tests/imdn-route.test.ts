import { parseCpim, serialiseCpim } from '@parley/cpim';
import { unwrap } from '@parley/prelude';
import { describe, expect, it } from 'vitest';
import { passedOn } from '../src/index.ts';

const own = (uri: string): boolean => uri.startsWith('sip:list');
const notification = (...routes: readonly string[]) => {
  const lines = ['From: <sip:bob@b>', 'To: Alice <sip:alice@a>', 'NS: imdn <urn:ietf:params:imdn>', 'NS: x <urn:x>'];
  const text = [...lines, ...routes, 'x.Kept: y', '', 'Content-Type: message/imdn+xml', '', '<imdn/>'].join('\r\n');
  return unwrap(parseCpim(Buffer.from(text)));
};
const onward = (...routes: readonly string[]) => {
  const passed = unwrap(passedOn(notification(...routes), own));
  return passed && { next: passed.next.uri, text: Buffer.from(serialiseCpim(passed.message)).toString() };
};

describe('an intermediary that receives a notification (RFC 5438 §8)', () => {
  it('removes its address from the top of IMDN-Route, and forwards to the new top', () => {
    const passed = onward('imdn.IMDN-Route: <sip:list@b>', 'imdn.IMDN-Route: <sip:relay@c>');
    expect(passed?.next).toBe('sip:relay@c');
    expect(passed?.text).toContain('imdn.IMDN-Route: <sip:relay@c>');
    expect(passed?.text).not.toContain('sip:list@b');
    expect(passed?.text).toContain('x.Kept: y');
  });

  it('forwards to the address in CPIM To when no further IMDN-Route is present', () => {
    expect(onward('imdn.IMDN-Route: <sip:list@b>')?.next).toBe('sip:alice@a');
    expect(onward()?.next).toBe('sip:alice@a');
  });

  it('leaves a route alone whose top is another', () => {
    const routes = ['imdn.IMDN-Route: <sip:relay@c>', 'imdn.IMDN-Route: <sip:list@b>'];
    expect(onward(...routes)).toMatchObject({
      next: 'sip:relay@c',
      text: expect.stringContaining(routes.join('\r\n')) as unknown,
    });
  });

  it('forwards to nobody when it is itself the last', () => {
    const text = 'From: <sip:bob@b>\r\nTo: <sip:list@b>\r\n\r\nContent-Type: message/imdn+xml\r\n\r\n<imdn/>';
    expect(unwrap(passedOn(unwrap(parseCpim(Buffer.from(text))), own))).toBeUndefined();
  });

  it('says what is wrong with a route that it cannot read', () => {
    expect(passedOn(notification('imdn.IMDN-Route: nowhere'), own)).toMatchObject({ ok: false });
  });
});
