import { createMemoryBroker } from '@parley/bus';
import type { Bus } from '@parley/bus';
import { instanceSubject, rpc } from '@parley/contracts';
import type { edge } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { field, parseSipMessage, read, readRaw, serialise } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import { eventually, SimulatedClock, testContext } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { startFocus } from '../src/service.ts';
import { invite, offer, request } from './messages.ts';
import { sip, startSwitch, takesAll } from './peers.ts';

const room = 'sip:refreshed@chat.localhost';

/** An edge that sends a command once, however often it is given, and whose devices answer when they are told to. */
class PatientEdge {
  readonly sent: SipRequest[] = [];
  readonly asked: string[] = [];
  private readonly known = new Map<string, Promise<edge.EgressReply>>();
  private readonly waiting: (() => void)[] = [];

  constructor(bus: Bus) {
    bus.serve(instanceSubject('edge', 'e1', 'egress'), rpc.egress, ({ commandId, request: bytes }) => {
      this.asked.push(commandId);
      const reply = this.known.get(commandId) ?? this.send(bytes.slice());
      this.known.set(commandId, reply);
      return reply;
    });
  }

  answer(): void {
    for (const each of this.waiting.splice(0)) each();
  }

  private send(bytes: Uint8Array): Promise<edge.EgressReply> {
    const message = unwrap(parseSipMessage(bytes));
    if (message.kind !== 'request') throw new Error('expected a request');
    this.sent.push(message);
    return new Promise((resolve) => {
      this.waiting.push(() => {
        resolve({ outcome: { kind: 'response', value: serialise(takesAll(message)) } });
      });
    });
  }
}

describe('A focus that dies while a re-INVITE of its own is open', () => {
  it('is followed by one that gets its answer, acknowledges it, and takes re-INVITEs again (RFC 3261 §14.2)', async () => {
    const clock = new SimulatedClock();
    const broker = createMemoryBroker({ clock });
    const bus = broker.connect();
    const edges = new PatientEdge(bus);
    startSwitch(bus, 'm1');
    const start = (): ReturnType<typeof startFocus> => startFocus(testContext('focus', { clock }), broker.connect());
    /** What comes of a question for which time has to pass. */
    const inTime = async <T>(asked: PromiseLike<T>): Promise<T> => {
      let isDone = false;
      const done = (): void => {
        isDone = true;
      };
      void asked.then(done, done);
      await eventually(async () => {
        await clock.run(100);
        expect(isDone).toBe(true);
      });
      return await asked;
    };
    const dying = start();
    const fields = ['Supported: timer', 'Session-Expires: 90;refresher=uas'];
    const joined = await inTime(sip(bus, room, invite({ room, fields }), { identity: 'sip:alice@localhost', clock }));
    const toTag = unwrap(read(joined, field.to))?.tag ?? '';
    await clock.run(46_000);
    expect(edges.sent.map(({ method }) => method)).toEqual(['INVITE']);

    const shape = { room, toTag, cSeq: 2, body: offer({ lines: 'a=sendonly' }) };
    expect((await inTime(sip(bus, room, request(shape), { clock }))).statusCode).toBe(491);
    await inTime(dying[Symbol.asyncDispose]());
    const successor = start();
    expect((await inTime(sip(bus, room, request({ ...shape, cSeq: 3 }), { clock }))).statusCode).toBe(491);
    expect(edges.sent).toHaveLength(1);
    expect(new Set(edges.asked)).toHaveLength(1);

    edges.answer();
    await clock.run(10);
    expect(edges.sent.map((one) => [one.method, readRaw(one, 'CSeq')])).toEqual([
      ['INVITE', '1 INVITE'],
      ['ACK', '1 ACK'],
    ]);
    expect((await inTime(sip(bus, room, request({ ...shape, cSeq: 4 }), { clock }))).statusCode).toBe(200);
    edges.answer();
    await inTime(successor[Symbol.asyncDispose]());
  });
});
