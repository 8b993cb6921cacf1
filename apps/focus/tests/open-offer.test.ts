import { createMemoryBroker } from '@parley/bus';
import type { Bus } from '@parley/bus';
import { instanceSubject, rpc } from '@parley/contracts';
import type { edge } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { createResponseTo, field, parseSipMessage, read, readRaw, serialise } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import { eventually, SimulatedClock, testContext } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { startFocus } from '../src/service.ts';
import { invite, offer, request } from './messages.ts';
import { sip, startSwitch, takesAll } from './peers.ts';

const room = 'sip:refreshed@chat.localhost';
const identity = 'sip:alice@localhost';

/** An edge that sends a command once, however often it is given, and whose devices answer when they are told to. */
class PatientEdge {
  readonly sent: SipRequest[] = [];
  readonly asked: string[] = [];
  private readonly known = new Map<string, Promise<edge.EgressReply>>();
  private readonly waiting: ((how: typeof takesAll) => void)[] = [];

  constructor(bus: Bus) {
    bus.serve(instanceSubject('edge', 'e1', 'egress'), rpc.egress, ({ commandId, request: bytes }) => {
      this.asked.push(commandId);
      const reply = this.known.get(commandId) ?? this.send(bytes.slice());
      this.known.set(commandId, reply);
      return reply;
    });
  }

  answer(how = takesAll): void {
    for (const each of this.waiting.splice(0)) each(how);
  }

  private send(bytes: Uint8Array): Promise<edge.EgressReply> {
    const message = unwrap(parseSipMessage(bytes));
    if (message.kind !== 'request') throw new Error('expected a request');
    this.sent.push(message);
    return new Promise((resolve) => {
      this.waiting.push((how) => {
        resolve({ outcome: { kind: 'response', value: serialise(how(message)) } });
      });
    });
  }
}

/** A room with Alice in it, of whose focuses one follows the other. */
class Scene {
  readonly clock = new SimulatedClock();
  private readonly broker = createMemoryBroker({ clock: this.clock });
  readonly bus = this.broker.connect();
  readonly edges = new PatientEdge(this.bus);
  private focus = this.start();
  private toTag = '';

  /** What comes of a question for which time has to pass. */
  async inTime<T>(asked: PromiseLike<T>): Promise<T> {
    let isDone = false;
    const done = (): void => {
      isDone = true;
    };
    void asked.then(done, done);
    await eventually(async () => {
      await this.clock.run(100);
      expect(isDone).toBe(true);
    });
    return await asked;
  }

  async join(fields: readonly string[] = []): Promise<void> {
    const joining = sip(this.bus, room, invite({ room, fields }), { identity, clock: this.clock });
    this.toTag = unwrap(read(await this.inTime(joining), field.to))?.tag ?? '';
  }

  /** The status of a re-INVITE. */
  async change(cSeq: number): Promise<number> {
    const shape = { room, toTag: this.toTag, cSeq, body: offer({ lines: 'a=sendonly' }) };
    return (await this.inTime(sip(this.bus, room, request(shape), { clock: this.clock }))).statusCode;
  }

  /** @param pause - milliseconds for which nobody has the room */
  async succeed(pause = 0): Promise<void> {
    await this.end();
    await this.clock.run(pause);
    this.focus = this.start();
  }

  async end(): Promise<void> {
    await this.inTime(this.focus[Symbol.asyncDispose]());
  }

  /** What went to devices, by number and method. */
  sent(): readonly (string | undefined)[] {
    return this.edges.sent.map((one) => readRaw(one, 'CSeq'));
  }

  private start(): ReturnType<typeof startFocus> {
    return startFocus(testContext('focus', { clock: this.clock }), this.broker.connect());
  }
}

const refreshedByUs = ['Supported: timer', 'Session-Expires: 90;refresher=uas'];

describe('A focus that dies while a re-INVITE of its own is open', () => {
  it('is followed by one that gets its answer, acknowledges it, and takes re-INVITEs again (RFC 3261 §14.2)', async () => {
    const here = new Scene();
    startSwitch(here.bus, 'm1');
    await here.join(refreshedByUs);
    await here.clock.run(46_000);
    expect(here.sent()).toEqual(['1 INVITE']);
    expect(await here.change(2)).toBe(491);
    await here.succeed();
    expect(await here.change(3)).toBe(491);
    expect(here.edges.sent).toHaveLength(1);
    expect(new Set(here.edges.asked)).toHaveLength(1);
    here.edges.answer();
    await here.clock.run(10);
    expect(here.sent()).toEqual(['1 INVITE', '1 ACK']);
    expect(await here.change(4)).toBe(200);
    here.edges.answer();
    await here.end();
  });
});

describe('A focus that dies when it has stored the answer to its re-INVITE', () => {
  it('is followed by one that acknowledges it again, and tells the switch again: the device MUST get its ACK (RFC 3261 §13.2.2.4)', async () => {
    const here = new Scene();
    const peer = startSwitch(here.bus, 'm1');
    await here.join(refreshedByUs);
    await here.clock.run(46_000);
    here.edges.answer();
    await here.clock.run(10);
    expect(here.sent()).toEqual(['1 INVITE', '1 ACK']);
    await here.succeed();
    await here.clock.run(10);
    expect(here.sent()).toEqual(['1 INVITE', '1 ACK', '1 ACK']);
    expect(peer.of('change')).toHaveLength(2);
    // Devices do not wait for longer than 64*T1.
    await here.clock.run(33_000);
    await here.succeed();
    await here.clock.run(10);
    expect(here.edges.sent).toHaveLength(3);
    await here.end();
  });
});

describe('A focus that dies while an offer that crossed another one waits to be made again', () => {
  it('is followed by one that makes it, and gives time to be connected (RFC 3261 §14.1)', async () => {
    const here = new Scene();
    const dying = startSwitch(here.bus, 'm1');
    await here.join();
    startSwitch(here.bus, 'm2');
    await dying.die();
    await eventually(async () => {
      await here.clock.run(100);
      expect(here.sent()).toEqual(['1 INVITE']);
    });
    // The time to be connected is nearly over when the device answers.
    await here.clock.run(7_900);
    here.edges.answer((message) => createResponseTo(message, 491));
    await here.clock.run(0);
    await here.succeed(9_000);
    await eventually(async () => {
      await here.clock.run(100);
      expect(here.sent()).toEqual(['1 INVITE', '2 INVITE']);
    });
    here.edges.answer();
    await here.clock.run(3_000);
    expect(here.sent()).toEqual(['1 INVITE', '2 INVITE', '2 ACK']);
    here.edges.answer();
    await here.end();
  });
});
