import { encodeUtf8, unwrap } from '@parley/prelude';
import { parsePath } from '@parley/msrp';
import type { Path } from '@parley/msrp';
import { parseSdp, parseMsrpMedia } from '@parley/sdp';
import type { SipRequest } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import { joinRoom, MsrpEndpoint, unwrapChatMessage, wrapChatMessage } from '../../src/index.ts';
import type {
  Call,
  ChatMessage,
  EndpointEffect,
  JoinOptions,
  OpenPipe,
  PipeObserver,
  ReceivedMessage,
  Reply,
} from '../../src/index.ts';
import { scene } from '../scene.ts';
import type { Scene } from '../scene.ts';

const bobUri = 'sip:bob@example.com';

/** A room of one: bob's agent is the focus, and its switch says everything back. */
class TestRoom {
  readonly heard: ReceivedMessage[] = [];
  readonly invites: SipRequest[] = [];
  call: Call | undefined;
  endpoint: MsrpEndpoint | undefined;
  client: PipeObserver | undefined;
  sessionNumber = 0;
  connections = 0;
  stage: Scene | undefined;

  get path(): Path {
    return unwrap(parsePath(`msrp://192.0.2.9:2855/room${this.sessionNumber};tcp`, 1));
  }

  get description(): Uint8Array {
    const lines = ['v=0', 'o=- 1 1 IN IP4 192.0.2.9', 's=-', 'c=IN IP4 192.0.2.9', 't=0 0'];
    const media = [
      'm=message 2855 TCP/MSRP *',
      'a=accept-types:message/cpim',
      'a=accept-wrapped-types:*',
      `a=path:${this.path.text}`,
      'a=chatroom:nickname private-messages',
    ];
    return encodeUtf8([...lines, ...media, ''].join('\r\n'));
  }

  readonly handlers = {
    onInvite: (request: SipRequest): Reply => {
      this.invites.push(request);
      this.#begin(request.body);
      return { status: 200, fields: [['Content-Type', 'application/sdp']], body: this.description };
    },
    onCall: (call: Call) => {
      this.call = call;
    },
  };

  /** Makes the switch's end of the session that an offer or answer describes. */
  #begin(sdp: Uint8Array): void {
    const session = unwrap(parseSdp(sdp));
    const media = unwrap(parseMsrpMedia(session, session.media[0]!));
    const remotePath = unwrap(parsePath(media.path.join(' '), 1));
    this.endpoint = new MsrpEndpoint({ localPath: this.path, remotePath, random: this.stage!.random });
  }

  /** Offers a new path, as another switch would. */
  async move() {
    const again = this.call!.request('INVITE', {
      fields: [['Content-Type', 'application/sdp']],
      body: (this.sessionNumber++, this.description),
    });
    this.#begin(this.invites[0]!.body);
    return again;
  }

  readonly openPipe: OpenPipe = (uri, observer) => {
    expect(uri).toMatchObject({ host: '192.0.2.9', port: 2855 });
    this.connections++;
    this.client = observer;
    return Promise.resolve({
      write: (bytes) => {
        this.stage!.clock.after(1, () => {
          this.perform(this.endpoint!.receive(bytes));
        });
      },
      close: () => {
        if (this.client === observer) this.client = undefined;
        observer.onClosed(undefined);
      },
    });
  };

  perform(effects: readonly EndpointEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'write') this.client?.onBytes(effect.bytes);
      if (effect.kind === 'message') {
        this.heard.push(effect.message);
        this.perform(
          this.endpoint!.send({ contentType: effect.message.contentType, body: effect.message.body }).effects,
        );
      }
    }
  }
}

async function joined(options: Partial<JoinOptions> = {}) {
  const room = new TestRoom();
  const stage = scene({ displayName: 'Alice' }, room.handlers);
  room.stage = stage;
  const session = await stage.settle(
    joinRoom(stage.alice, bobUri, { openPipe: room.openPipe, roster: false, ...options }),
  );
  const messages: ChatMessage[] = [];
  session.messages.listen((message) => messages.push(message));
  return { ...stage, room, session, messages };
}

describe('joining a chat room (RFC 7701 §5)', () => {
  it('offers message/cpim and the chatroom extensions, as the side that connects (RFC 4975 §8.5, RFC 6135 §4.2)', async () => {
    const { room } = await joined();
    const offer = unwrap(parseSdp(room.invites[0]!.body));
    expect(unwrap(parseMsrpMedia(offer, offer.media[0]!))).toMatchObject({
      proto: 'TCP/MSRP',
      setup: 'active',
      acceptTypes: [{ type: 'message', subtype: 'cpim' }],
      acceptWrappedTypes: [{ type: '*', subtype: '*' }],
      chatroom: ['nickname', 'private-messages'],
    });
  });

  it('knows what the room allows', async () => {
    const { session } = await joined();
    expect(session.allows).toMatchObject({ nicknames: true, privateMessages: true });
  });

  it('leaves again when the nickname is refused (RFC 7701 §7.1)', async () => {
    const room = new TestRoom();
    const stage = scene({}, room.handlers);
    room.stage = stage;
    const joining = joinRoom(stage.alice, bobUri, { openPipe: room.openPipe, roster: false, nickname: 'Ali' });
    await expect(stage.settle(joining)).rejects.toMatchObject({ name: 'MsrpFailureError', code: 501 });
    expect(room.call?.over).toBe(true);
  });
});

describe('talking in a chat room (RFC 7701 §6)', () => {
  it('wraps what is said, From the participant To the room, with a date', async () => {
    const { room, session, settle, messages, clock } = await joined();
    await settle(session.say('hello'));
    await clock.run(10);
    const [wrapped] = room.heard;
    const sent = unwrap(unwrapChatMessage(wrapped!.body));
    expect(wrapped!.contentType).toBe('message/cpim');
    expect(sent).toMatchObject({
      from: { uri: 'sip:alice@example.com', formalName: 'Alice' },
      to: [{ uri: bobUri }],
      contentType: 'text/plain;charset=UTF-8',
      text: 'hello',
    });
    expect(sent.dateTime).toMatch(/^2026-01-01T00:00:00/);
    expect(messages.map(({ text }) => text)).toEqual(['hello']);
  });

  it('addresses a private message to its recipient (RFC 7701 §6.2)', async () => {
    const { room, session, settle } = await joined();
    await settle(session.sayTo('sip:carol@example.com', 'psst'));
    expect(unwrap(unwrapChatMessage(room.heard[0]!.body)).to).toEqual([{ uri: 'sip:carol@example.com' }]);
  });

  it('rejects what is not answered within 30 s (RFC 4975 §7.1.1)', async () => {
    const { room, session, settle } = await joined();
    room.client = undefined;
    await expect(settle(session.say('hello?'))).rejects.toMatchObject({ code: 408 });
  });

  it('connects again when its connection is lost', async () => {
    const { room, session, settle, clock } = await joined();
    room.client!.onClosed(undefined);
    await expect(session.say('meanwhile')).rejects.toMatchObject({ name: 'MsrpFailureError', code: 408 });
    await clock.run(100);
    expect(room.connections).toBe(2);
    await settle(session.say('back'));
    expect(room.heard).toHaveLength(1);
  });

  it('moves to the path of a re-INVITE (RFC 6135 §4.2, RFC 3264 §8)', async () => {
    const { room, session, settle, clock, messages } = await joined();
    const answer = await settle(room.move());
    expect(answer.statusCode).toBe(200);
    expect(new TextDecoder().decode(answer.body)).toMatch(/^o=- \d+ 2 IN IP4/m);
    await clock.run(100);
    await settle(session.say('still here'));
    await clock.run(10);
    expect(messages.map(({ text }) => text)).toEqual(['still here']);
  });

  it('leaves with BYE, and hears when the room ends', async () => {
    const first = await joined();
    const ends: string[] = [];
    first.session.ended.listen((reason) => ends.push(reason));
    await first.settle(first.session.leave());
    expect(first.room.call?.over).toBe(true);
    const second = await joined();
    second.session.ended.listen((reason) => ends.push(reason));
    await second.settle(second.room.call!.bye());
    expect(ends).toEqual(['left', 'ended by the room (remote)']);
    await expect(second.session.say('anyone?')).rejects.toThrow(/not in the room/);
  });

  it('tells of a message that has no wrapper it can read', async () => {
    const { room, session } = await joined();
    const broken: string[] = [];
    session.unreadable.listen(({ rule }) => broken.push(rule));
    room.perform(room.endpoint!.send({ contentType: 'message/cpim', body: encodeUtf8('nothing') }).effects);
    expect(broken).toHaveLength(1);
  });

  it('asks for disposition notifications in the wrapper (RFC 5438 §6)', () => {
    const body = wrapChatMessage({
      from: { uri: 'sip:a@example.com' },
      to: { uri: bobUri },
      wallTime: 0,
      contentType: 'text/plain',
      body: encodeUtf8('hi'),
      notification: { messageId: 'id1', types: ['positive-delivery', 'display'] },
    });
    const text = new TextDecoder().decode(body);
    expect(text).toContain('NS: imdn <urn:ietf:params:imdn>\r\n');
    expect(text).toContain('imdn.Message-ID: id1\r\nimdn.Disposition-Notification: positive-delivery, display\r\n');
  });
});
