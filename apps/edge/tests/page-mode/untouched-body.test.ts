import { createMemoryBroker } from '@parley/bus';
import { unwrap } from '@parley/prelude';
import type { ByteCodec } from '@parley/prelude';
import { Health, Metrics, nodeBytes, parleySettings, systemClock, systemRandom } from '@parley/service';
import { createResponseTo, createSipFramer } from '@parley/sip';
import type { SipMessage } from '@parley/sip';
import type { Flow } from '@parley/sip-stack';
import { eventually } from '@parley/testing';
import { pino } from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AccountBook } from '../../src/accounts/account-book.ts';
import { buildEdgeCore } from '../../src/edge-core.ts';
import { EdgeEvents } from '../../src/events.ts';
import { AccountEntries } from '../../src/location/account-entries.ts';
import { BindingBook } from '../../src/location/binding-book.ts';
import { DeviceBook } from '../../src/location/device-book.ts';
import { DirectTargets } from '../../src/location/direct-target.ts';
import { ReceiptBook } from '../../src/location/receipt-book.ts';
import { ListBook } from '../../src/lists/list-book.ts';
import { MailboxBook } from '../../src/location/mailbox-book.ts';
import { Overload } from '../../src/overload/overload.ts';
import { GruuKeys } from '../../src/registrar/gruu-keys.ts';
import { Telemetry } from '../../src/telemetry.ts';

const body = Buffer.from('\u0000\u00ff the body, never a string\r\n\r\n', 'latin1');

/** A flow that keeps what is sent over it. */
function keepingFlow(id: string, port: number): Flow & { readonly sent: SipMessage[] } {
  const sent: SipMessage[] = [];
  const end = { address: '192.0.2.1', port };
  return {
    id,
    protocol: 'TCP',
    reliable: true,
    local: end,
    remote: end,
    peerNames: [],
    open: true,
    sent,
    send: (message) => {
      sent.push(message);
    },
    close() {},
  };
}

function text(method: string, user: string, more: readonly string[], octets = 0): Buffer {
  const to = method === 'REGISTER' ? 'bob' : 'bob';
  return Buffer.from(
    [
      `${method} sip:${method === 'REGISTER' ? '' : 'bob@'}localhost SIP/2.0`,
      `Via: SIP/2.0/TCP 192.0.2.1:${method.length};branch=z9hG4bK${method}`,
      `From: <sip:${user}@localhost>;tag=1`,
      `To: <sip:${to}@localhost>`,
      'Call-ID: c',
      `CSeq: 1 ${method}`,
      ...more,
      `Content-Length: ${octets}`,
      '\r\n',
    ].join('\r\n'),
  );
}

async function build() {
  const broker = createMemoryBroker({ clock: systemClock });
  const bus = broker.connect();
  const entries = new AccountEntries();
  const accounts = new AccountBook(bus, entries);
  const bindings = new BindingBook(bus, systemClock, 'e1', entries);
  const devices = new DeviceBook(bus, systemClock, 86_400_000, entries);
  const mailboxes = new MailboxBook(bus, entries);
  const gruuKeys = new GruuKeys({ bus, clock: systemClock, random: systemRandom });
  await gruuKeys.ready();
  const logger = pino({ level: 'silent' });
  const settings = unwrap(parleySettings({ PARLEY_AUTH: 'none', PARLEY_USERS: 'alice:secret,bob:secret' }));
  const flowTo = (): never => {
    throw new Error('there are only the two flows');
  };
  const core = buildEdgeCore({
    settings,
    instance: 'e1',
    logger,
    health: new Health(),
    metrics: new Metrics('edge'),
    clock: systemClock,
    random: systemRandom,
    bus,
    events: new EdgeEvents(logger),
    telemetry: new Telemetry(),
    accounts,
    bindings,
    devices,
    mailboxes,
    direct: new DirectTargets({ instance: 'e1', clock: systemClock, entries, devices, mailboxes }),
    overload: new Overload({ clock: systemClock, random: systemRandom, target: 0 }),
    lists: new ListBook(bus),
    book: new ReceiptBook(bus),
    gruuKeys,
    secret: new Uint8Array(32),
    transports: {
      ports: { sip: 5060, sips: 5061, sipWs: 5066 },
      udp: { flowTo },
      connector: { flowTo, connect: flowTo, adopt: flowTo },
    },
  });
  await core.accountsDesk.makeAbsent(settings.users ?? []);
  return { core, broker };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('A page-mode message on its way', () => {
  it('goes from socket to socket in one turn, without NATS, and nobody makes a string of its body or copies it', async () => {
    const { core, broker } = await build();
    const [caller, callee] = [keepingFlow('a', 1), keepingFlow('b', 2)];
    const hear = (octets: Uint8Array, flow: Flow, codec: ByteCodec = nodeBytes): void => {
      for (const event of createSipFramer({ codec }).push(octets)) {
        if (event.kind === 'message') core.observer.onMessage(event.message, flow);
      }
    };
    hear(text('REGISTER', 'bob', ['Contact: <sip:bob@192.0.2.1:2>']), callee);
    await eventually(() => {
      expect(callee.sent[0]).toMatchObject({ statusCode: 200 });
    });
    broker.goAway();
    const came = Buffer.concat([text('MESSAGE', 'alice', ['Content-Type: a/b', 'Date: now'], body.length), body]);
    const bodyAt = came.length - body.length;
    hear(came, caller, guarded(came, bodyAt));
    const forwarded = callee.sent[1];
    if (forwarded?.kind !== 'request') throw new Error('expected the MESSAGE at once');
    expect([forwarded.body.buffer, forwarded.body.byteOffset]).toEqual([came.buffer, came.byteOffset + bodyAt]);
    core.observer.onMessage({ ...createResponseTo(forwarded, 200), body }, callee);
    const answer = caller.sent[0];
    expect(answer).toMatchObject({ kind: 'response', statusCode: 200 });
    expect(answer?.body).toBe(body);
    core[Symbol.dispose]();
  });
});

/** A codec, and Buffer itself, that fail when asked for octets of the body. */
function guarded(came: Buffer, bodyAt: number): ByteCodec {
  const check = (bytes: Uint8Array, start: number, end: number): void => {
    const from = bytes.byteOffset + start - came.byteOffset;
    const isInBody =
      bytes.buffer === came.buffer && from < came.length && bytes.byteOffset + end > came.byteOffset + bodyAt;
    if (isInBody) throw new Error('somebody looked into the body');
  };
  for (const method of ['toString', 'latin1Slice', 'utf8Slice', 'slice'] as const) {
    const native = Buffer.prototype as unknown as Record<string, () => unknown>;
    const original: (this: unknown, ...args: unknown[]) => unknown = Reflect.get(native, method);
    vi.spyOn(native, method).mockImplementation(function (this: Buffer, ...args: unknown[]) {
      const [start, end] = method === 'toString' ? args.slice(1) : args;
      check(this, Number(start ?? 0), Number(end ?? this.length));
      return original.apply(this, args);
    });
  }
  return {
    ...nodeBytes,
    decodeLatin1: (bytes, start, end) => {
      check(bytes, start, end);
      return nodeBytes.decodeLatin1(bytes, start, end);
    },
    decodeUtf8: (bytes, start, end) => {
      check(bytes, start, end);
      return nodeBytes.decodeUtf8(bytes, start, end);
    },
  };
}
