import type { Subscription } from '@parley/bus';
import { createMemoryBroker } from '@parley/bus';
import { decodeUtf8, unwrap } from '@parley/prelude';
import type { RunningService } from '@parley/service';
import { systemClock } from '@parley/service';
import { field, read, serialise } from '@parley/sip';
import type { SipResponse } from '@parley/sip';
import { eventually, testContext } from '@parley/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { startFocus } from '../src/service.ts';
import { invite, offer, request } from './messages.ts';
import type { RequestShape } from './messages.ts';
import { command, sip, startAccounts, startEdge, startSwitch } from './peers.ts';

const identity = 'sip:alice@localhost';

/** A room that Alice is in, at a focus that can be followed by another. */
class Scene {
  readonly edge;
  private readonly broker = createMemoryBroker({ clock: systemClock });
  readonly bus = this.broker.connect();
  private focus: RunningService;
  private readonly room: string;
  private toTag = '';
  private accounts: Subscription;

  constructor(room: string) {
    this.room = `sip:${room}@chat.localhost`;
    this.edge = startEdge(this.bus, 'e1');
    startSwitch(this.bus, 'm1');
    this.accounts = startAccounts(this.bus, 'bob', ['phone']);
    this.focus = this.start();
  }

  /** The next owner of the shards; the one before has said nothing of what it wrote. */
  async succeed(): Promise<void> {
    await this.end();
    this.focus = this.start();
  }

  async end(): Promise<void> {
    await this.focus.drain?.();
    await this.focus[Symbol.asyncDispose]();
  }

  async join(shape: RequestShape = {}): Promise<string> {
    const joined = await this.inviteAs(identity, shape);
    this.toTag = unwrap(read(joined, field.to))?.tag ?? '';
    return textOf(joined);
  }

  /** What the focus says to the INVITE that Alice sends, whoever sends it. */
  inviteAs(sender: string, shape: RequestShape = {}): Promise<SipResponse> {
    const text = invite({ room: this.room, ...shape });
    return sip(this.bus, this.room, text, { identity: sender, commandId: 'join' });
  }

  /** The status of a copy of a request of Alice outside of dialogs, by another way: it has a branch, and an id, of its own. */
  async copyOf(shape: RequestShape): Promise<number> {
    return (await this.copyBy('e1', shape)).statusCode;
  }

  /** What such a copy is answered that comes by an edge. */
  copyBy(edgeInstance: string, shape: RequestShape): Promise<SipResponse> {
    const text = request({ room: this.room, ...shape }).replace(/branch=(\w+)/, 'branch=$1other');
    return sip(this.bus, this.room, text, { identity, edgeInstance });
  }

  /** The members' addresses. */
  async members(): Promise<readonly string[]> {
    const shown = await command(this.bus, this.room, { kind: 'show', value: { identity: '' } });
    return shown?.kind === 'room' ? shown.value.participants.map(({ uri }) => uri) : [];
  }

  /** Somebody else, who stays. */
  async joinAs(user: string): Promise<void> {
    await sip(this.bus, this.room, invite({ room: this.room, user }), { identity: `sip:${user}@localhost` });
  }

  /** What the focus says to a request in the dialog; the same id is the same command. */
  async say(commandId: string, shape: RequestShape): Promise<string> {
    const text = request({ room: this.room, toTag: this.toTag, ...shape });
    return textOf(await sip(this.bus, this.room, text, { commandId }));
  }

  /** The devices of whoever is looked for, from now on. */
  async register(devices: readonly string[]): Promise<void> {
    await this.accounts.stop();
    this.accounts = startAccounts(this.bus, 'bob', devices);
  }

  /** An operator ends the room. */
  async remove(): Promise<void> {
    await command(this.bus, this.room, { kind: 'delete', value: {} });
  }

  called(): number {
    return this.edge.sent.filter(({ request: one }) => one.method === 'INVITE' && one.requestUri.includes('bob'))
      .length;
  }

  private start(): RunningService {
    const environment = { PARLEY_LEASE_MS: '60000' };
    return startFocus(testContext('focus', { environment }), this.broker.connect());
  }
}

function textOf(response: SipResponse): string {
  return decodeUtf8(serialise(response));
}

const scenes: Scene[] = [];
let rooms = 0;

function scene(): Scene {
  const made = new Scene(`again${++rooms}`);
  scenes.push(made);
  return made;
}

describe.each(['the same focus', 'its successor'])('A command that comes again to %s', (who) => {
  const again = (here: Scene): Promise<void> => (who === 'its successor' ? here.succeed() : Promise.resolve());
  afterAll(async () => {
    for (const one of scenes.splice(0)) await one.end();
  });

  it('is answered as before when it is an INVITE', async () => {
    const here = scene();
    const joined = await here.join();
    await again(here);
    expect(await here.join()).toBe(joined);
  });

  it('is answered 482 when it is a copy by another way of an INVITE, whose own copies are answered as before (RFC 3261 §8.2.2.2)', async () => {
    const here = scene();
    const joined = await here.join();
    await again(here);
    expect(await here.copyOf({ body: offer() })).toBe(482);
    expect(await here.join()).toBe(joined);
    expect(await here.copyOf({ body: offer(), cSeq: 2 })).toBe(200);
  });

  it('is another one when somebody else says it, who learns nothing of what the first was answered', async () => {
    const here = scene();
    const joined = await here.join();
    await again(here);
    const tagOf = (text: string): string | undefined => /^To:.*;tag=(\w+)/im.exec(text)?.[1];
    const stolen = textOf(await here.inviteAs('sip:mallory@localhost'));
    expect(tagOf(stolen)).toMatch(/./);
    expect(tagOf(stolen)).not.toBe(tagOf(joined));
    expect(await here.join()).toBe(joined);
  });

  it.each([
    ['a re-INVITE', { body: offer({ lines: 'a=sendonly' }) }],
    ['a re-INVITE without an offer', {}],
    ['an UPDATE', { method: 'UPDATE', body: offer({ lines: 'a=sendonly' }) }],
    ['a refresh by UPDATE', { method: 'UPDATE', fields: ['Supported: timer', 'Session-Expires: 1800;refresher=uac'] }],
    ['an OPTIONS', { method: 'OPTIONS' }],
    ['a BYE', { method: 'BYE' }],
  ] as const)('is answered as before when it is %s', async (_what, shape) => {
    const here = scene();
    await here.join();
    await here.joinAs('carol');
    const first = await here.say('change', { ...shape, cSeq: 2 });
    expect(first).toMatch(/^SIP\/2.0 200/);
    await again(here);
    expect(await here.say('change', { ...shape, cSeq: 2 })).toBe(first);
  });
});

describe('A REFER that comes again to the same focus', () => {
  it('is answered as before, and nobody is called a second time (RFC 3515 §2.4)', async () => {
    const here = scene();
    await here.join();
    const refer = { method: 'REFER', cSeq: 2, fields: ['Refer-To: <sip:bob@localhost>'] };
    const first = await here.say('refer', refer);
    expect(first).toMatch(/^SIP\/2.0 202/);
    await eventually(() => {
      expect(here.called()).toBe(1);
    });
    expect(await here.say('refer', refer)).toBe(first);
    // Behind it in the room's mail.
    await here.say('later', { method: 'OPTIONS', cSeq: 3 });
    expect(here.called()).toBe(1);
    await here.end();
  });
});

describe('Copies of a request by two ways (RFC 3261 §8.2.2.2)', () => {
  it('make one participant though the first waits for its session still', async () => {
    const here = scene();
    const [first, second] = await Promise.all([here.join(), here.copyOf({ body: offer() })]);
    expect(first).toMatch(/^SIP\/2.0 200/);
    expect(second).toBe(482);
    await here.end();
  });

  it('call somebody once when they are a REFER outside of dialogs', async () => {
    const here = scene();
    await here.join();
    const refer = { method: 'REFER', callId: 'apart', fields: ['Refer-To: <sip:bob@localhost>'] };
    expect([await here.copyOf(refer), await here.copyOf(refer)]).toEqual([202, 482]);
    await eventually(() => {
      expect(here.called()).toBe(1);
    });
    await here.end();
  });
});

describe('A copy of an INVITE by another edge', () => {
  it('is merged while the first edge lives (RFC 3261 §8.2.2.2)', async () => {
    const here = scene();
    await here.join();
    startEdge(here.bus, 'e2');
    expect((await here.copyBy('e2', { body: offer() })).statusCode).toBe(482);
    await here.end();
  });

  it('is answered as the first when that edge has died with its 200: the client went on to the other (RFC 3263 §4.3)', async () => {
    const here = scene();
    const joined = await here.join();
    const other = startEdge(here.bus, 'e2');
    await here.edge.die();
    expect((await here.copyBy('e2', { body: offer({ lines: 'a=sendonly' }) })).statusCode).toBe(482);
    const again = await here.copyBy('e2', { body: offer() });
    expect(decodeUtf8(again.body)).toBe(joined.slice(-again.body.length));
    const tagOf = (text: string): string | undefined => /^To:.*;tag=(\w+)/im.exec(text)?.[1];
    expect(tagOf(textOf(again))).toBe(tagOf(joined));
    expect(await here.members()).toEqual([identity]);
    await here.remove();
    await eventually(() => {
      expect(other.sent.map(({ request: one }) => one.method)).toEqual(['BYE']);
    });
    await here.end();
  });

  it('waits for the first, that waits for its session still', async () => {
    const here = scene();
    await here.edge.die();
    const [first, second] = await Promise.all([here.join(), here.copyBy('e2', { body: offer() })]);
    expect(second.statusCode).toBe(200);
    expect(decodeUtf8(second.body)).toBe(first.slice(-second.body.length));
    await here.end();
  });
});

describe('An INVITE with a list whose focus ended before it called anybody (RFC 5366 §5)', () => {
  it('has them called by the successor, once', async () => {
    const list =
      '<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"><list><entry uri="sip:bob@localhost"/></list></resource-lists>';
    const shape = {
      contentType: 'application/resource-lists+xml',
      fields: ['Require: recipient-list-invite', 'Content-Disposition: recipient-list'],
      body: list,
    };
    const here = scene();
    await here.register([]);
    const joined = await here.join(shape);
    await here.register(['phone']);
    await here.succeed();
    expect(await here.join(shape)).toBe(joined);
    await eventually(() => {
      expect(here.called()).toBe(1);
    });
    expect(await here.join(shape)).toBe(joined);
    await here.say('later', { method: 'OPTIONS', cSeq: 3 });
    expect(here.called()).toBe(1);
    await here.end();
  });
});
