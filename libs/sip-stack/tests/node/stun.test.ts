import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hearStun } from '../../src/node/index.ts';
import { isStun, parseStun, stunAnswer, stunAttribute } from '../../src/node/stun-message.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
const seen = { address: '192.0.2.1', port: 32853 };
const cookieAndId = '2112a442 b7e7a701bc34d686fa87dfae';
const request = (attributes = '', type = '0001'): Buffer =>
  hex(`${type} ${hex(attributes).length.toString(16).padStart(4, '0')} ${cookieAndId} ${attributes}`);

/** The sample request of RFC 5769 §2.1: SOFTWARE, PRIORITY, ICE-CONTROLLED, USERNAME, MESSAGE-INTEGRITY, FINGERPRINT. */
const sample = hex(`
  00010058 2112a442 b7e7a701bc34d686fa87dfae 80220010 5354554e207465737420636c69656e74 00240004 6e0001ff
  80290008 932ff9b151263b36 00060009 6576746a3a68367659202020 00080014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2
  80280004 e57a3bcf`);

describe('STUN keep-alives on a SIP port (RFC 5626 §8)', () => {
  it('MUST be answered with XOR-MAPPED-ADDRESS, as RFC 5769 §2.2 spells it, and the same transaction id', () => {
    const { answer, isKeepAlive } = hearStun(request(), seen);
    expect(isKeepAlive).toBe(true);
    expect(answer?.toString('hex')).toBe(hex(`0101000c ${cookieAndId} 00200008 0001a147 e112a643`).toString('hex'));
  });

  it('tells an IPv6 address, as RFC 5769 §2.3 spells it', () => {
    const { answer } = hearStun(request(), { address: '2001:db8:1234:5678:11:2233:4455:6677', port: 32853 });
    expect(answer?.subarray(20).toString('hex')).toBe(
      hex('00200014 0002a147 0113a9faa5d3f179bc25f4b5bed2b9d9').toString('hex'),
    );
  });

  it('shows a peer that its NAT has given it another port', () => {
    const port = (at: number) => (hearStun(request(), { ...seen, port: at }).answer?.readUInt16BE(26) ?? 0) ^ 0x2112;
    expect([port(5060), port(40_000)]).toEqual([5060, 40_000]);
  });

  it('carry FINGERPRINT back where they had one (RFC 8489 §14.7)', () => {
    const sealed = stunAnswer(request(), 0x0001, [], true);
    expect(parseStun(sealed)).toEqual({ type: 1, attributes: [], hasFingerprint: true });
    const { answer = Buffer.alloc(0) } = hearStun(sealed, seen);
    expect([isStun(answer), parseStun(answer)]).toEqual([
      true,
      { type: 0x0101, attributes: [0x0020], hasFingerprint: true },
    ]);
  });

  it('are answered 420 with UNKNOWN-ATTRIBUTES where PRIORITY of RFC 5769 §2.1 must be understood (RFC 8489 §6.3.1)', () => {
    const { answer = Buffer.alloc(0), isKeepAlive } = hearStun(sample, seen);
    expect(isKeepAlive).toBe(false);
    expect(parseStun(answer)).toEqual({ type: 0x0111, attributes: [0x0009, 0x000a], hasFingerprint: true });
    expect(answer.subarray(20, 36).toString('hex')).toBe('0009000400000414000a000200240000');
    expect(hearStun(request('80220004 61626364'), seen).isKeepAlive).toBe(true);
  });

  it('may be indications, which nobody answers', () => {
    expect(hearStun(request('', '0011'), seen)).toEqual({ isKeepAlive: true, answer: undefined });
  });

  it('are dropped where FINGERPRINT is wrong or not the last, an attribute does not fit, or the method is another', () => {
    const broken = Buffer.from(sample);
    broken.writeUInt8(0x21, 25);
    const last = hex('80280004 00000000');
    const bad = [
      broken,
      request(`${last.toString('hex')} 80220000`),
      request('80220008 61626364'),
      request('', '0003'),
    ];
    for (const datagram of bad) {
      expect(isStun(datagram)).toBe(true);
      expect(hearStun(datagram, seen)).toEqual({ isKeepAlive: false, answer: undefined });
    }
    expect(hearStun(request('', '0101'), seen).answer).toBeUndefined();
  });

  it('never throw, and get no answer much larger than they are, whatever the octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (octets) => {
        const body = Buffer.alloc(octets.length & ~3, octets);
        const datagram = stunAnswer(request(), 0x0001, [body], false);
        const { answer } = hearStun(datagram, seen);
        expect(answer?.length ?? 0).toBeLessThanOrEqual(datagram.length + 24);
      }),
    );
    expect(isStun(Buffer.alloc(19))).toBe(false);
    expect(stunAttribute(0x8022, Buffer.from('abc'))).toHaveLength(8);
  });
});
