import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrap } from '@parley/prelude';
import * as contracts from '../src/index.ts';
import { common, edge, focus, msrpSwitch } from '../src/index.ts';
import type { Codec } from '../src/index.ts';

const modules = ['common', 'edge', 'focus', 'lease', 'msrpSwitch', 'nickname', 'notification'] as const;
const codecs = modules.flatMap((name) => Object.values(contracts[name]) as Codec<unknown>[]);

const text = fc.string({ unit: 'grapheme' });
const bytes = fc.uint8Array({ maxLength: 64 }).map((octets) => Uint8Array.from(octets));
const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const millis = fc.maxSafeInteger();
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });

const ingress = fc.record({
  request: bytes,
  identity: text,
  edgeInstance: text,
  flow: text,
  transport: text,
  sourceAddress: text,
  sourcePort: uint32,
});

const policy = fc.record({
  nicknames: optional(fc.boolean()),
  nicknameScope: optional(text),
  privateMessages: optional(fc.boolean()),
  welcome: optional(text),
  history: optional(uint32),
  maxParticipants: optional(uint32),
  maxSize: optional(fc.maxSafeNat()),
  persistent: optional(fc.boolean()),
  membersOnly: optional(fc.boolean()),
  members: fc.array(text),
  password: optional(text),
  moderated: optional(fc.boolean()),
  hideMembers: optional(fc.boolean()),
  membersPresent: fc.boolean(),
});

const focusCommand: fc.Arbitrary<focus.FocusCommand> = fc.record({
  commandId: text,
  room: text,
  command: optional(
    fc.oneof(
      ingress.map((value) => ({ kind: 'sip', value }) as const),
      fc.record({ policy: optional(policy) }).map((value) => ({ kind: 'create', value }) as const),
      fc.constant({ kind: 'delete', value: {} } as const),
      fc.record({ text }).map((value) => ({ kind: 'announce', value }) as const),
    ),
  ),
});

const binding = fc.record({ contact: text, instance: text, expiresAt: millis, transport: text });
const account = fc.record({ name: text, displayName: text, tel: text, bindings: fc.array(binding) });

function roundTrips<T>(codec: Codec<T>, values: fc.Arbitrary<T>): void {
  fc.assert(
    fc.property(values, (value) => {
      expect(unwrap(codec.decode(codec.encode(value)))).toEqual(value);
    }),
  );
}

describe('codecs', () => {
  it('decode what they encoded: a command, whatever it holds', () => {
    roundTrips(focus.FocusCommand, focusCommand);
  });

  it('decode what they encoded: lists of messages and times in milliseconds', () => {
    roundTrips(edge.AccountList, fc.record({ items: fc.array(account), next: text }));
  });

  it('decode what they encoded: octets, even none of them, in a choice', () => {
    const response = bytes.map((value) => ({ outcome: { kind: 'response', value } as const }));
    roundTrips(edge.EgressReply, response);
  });

  it('keep an optional field that is false apart from one that is absent', () => {
    const open: focus.RoomPolicy = { nicknames: false, members: [], membersPresent: false };
    const back = unwrap(focus.RoomPolicy.decode(focus.RoomPolicy.encode(open)));
    expect([back.nicknames, back.moderated]).toEqual([false, undefined]);
  });

  it('give a message of a later version without what they do not know', () => {
    const field99 = Uint8Array.of(0x9a, 0x06, 0x01, 0x78);
    expect(unwrap(msrpSwitch.SwitchReply.decode(field99))).toEqual({ outcome: undefined });
  });

  it('answer hostile bytes with a message or a ParseError, and never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(...codecs), (octets, codec) => {
        const result = codec.decode(octets);
        if (!result.ok) expect(result.error).toMatchObject({ kind: 'ParseError', rule: codec.name });
      }),
    );
  });

  it('refuse a truncated message, with the place where it ends', () => {
    const whole = common.Refusal.encode({ status: 423, phrase: 'Nickname taken', message: '', retryAfter: 0 });
    const result = common.Refusal.decode(whole.subarray(0, whole.length - 3));
    expect(result).toMatchObject({ ok: false, error: { kind: 'ParseError', rule: 'parley.common.v1.Refusal' } });
  });

  it('refuse a string that is not UTF-8', () => {
    expect(common.Refusal.decode(Uint8Array.of(0x12, 0x01, 0xff)).ok).toBe(false);
  });

  it('refuse messages nested without end', () => {
    const deep = new Uint8Array(100_000).fill(0x0b); // start of group 1, 100 000 times
    expect(codecs.every((codec) => !codec.decode(deep).ok)).toBe(true);
  });

  it('decode octets as views of the input, so that forwarding copies nothing', () => {
    const encoded = edge.EgressReply.encode({ outcome: { kind: 'response', value: Uint8Array.of(1, 2, 3) } });
    const outcome = unwrap(edge.EgressReply.decode(encoded)).outcome;
    expect(outcome?.kind === 'response' && outcome.value.buffer === encoded.buffer).toBe(true);
  });
});
