import { encodeUtf8, unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';
import { eventually } from '@parley/testing';
import { localPathOf, MsrpSession, roomMediaOf, roomOffer, wrapChatMessage } from '@parley/ua';
import type { Call, RoomOffer } from '@parley/ua';
import { createNodeUserAgent, nodePipes, systemRandom } from '@parley/ua/node';
import type { NodeUserAgent } from '@parley/ua/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startParley } from '../scenarios/support/installation.ts';
import type { Installation } from '../scenarios/support/installation.ts';
import { processIds } from '../scenarios/support/processes.ts';

const room = 'sip:shaken@chat.localhost';

/** Somebody who goes where the room says: in its answer, and in every offer of it that follows. */
class Follower implements AsyncDisposable {
  readonly heard: string[] = [];
  moves = 0;
  over = false;
  private readonly agent: NodeUserAgent;
  private readonly name: string;
  private session: MsrpSession | undefined;
  private call: Call | undefined;

  private constructor(agent: NodeUserAgent, name: string) {
    this.agent = agent;
    this.name = name;
  }

  static async join({ ports }: Installation, name: string): Promise<Follower> {
    const server = { protocol: 'TCP', address: '127.0.0.1', port: ports.sip } as const;
    const agent = await createNodeUserAgent({ aor: `sip:${name}@localhost`, password: 'secret', server });
    const follower = new Follower(agent, name);
    await follower.enter();
    return follower;
  }

  /** Joins again if the room ended the call. */
  async comeAgain(): Promise<void> {
    if (this.over) await this.enter();
  }

  private async enter(): Promise<void> {
    const call = await this.agent.invite(room, { contentType: 'application/sdp', body: roomOffer(this.offer()) });
    this.call = call;
    this.over = false;
    call.ended.listen(() => {
      this.over = true;
    });
    call.onReinvite = ({ body }) => {
      this.moves++;
      // Behind the answer, as the room knows our path only then.
      setTimeout(() => void this.connect(body), 50);
      return { status: 200, fields: [['Content-Type', 'application/sdp']], body: roomOffer(this.offer()) };
    };
    await this.connect(call.remoteBody);
  }

  async say(text: string): Promise<void> {
    const wrapped = wrapChatMessage({
      from: { uri: `sip:${this.name}@localhost` },
      to: { uri: room },
      wallTime: systemClock.wallTime(),
      contentType: 'text/plain',
      body: encodeUtf8(text),
    });
    await this.session?.send({ contentType: 'message/cpim', body: wrapped });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.over) await this.call?.bye();
    this.session?.close();
    await this.agent[Symbol.asyncDispose]();
  }

  private offer(): RoomOffer {
    const host = this.agent.core.flow.local.address;
    return {
      transport: 'tcp',
      host,
      sessionId: this.name,
      sdpId: '1',
      sdpVersion: String(this.moves + 1),
      maxSize: 10_000,
    };
  }

  private async connect(description: Uint8Array): Promise<void> {
    const { path: remotePath } = unwrap(roomMediaOf(description));
    const options = { localPath: localPathOf(this.offer()), remotePath, random: systemRandom, maxSize: 10_000 };
    this.session = await MsrpSession.open(options, systemClock, nodePipes(), (session) => {
      session.received.listen(({ body }) => {
        this.heard.push(new TextDecoder().decode(body).split('\r\n\r\n').at(-1) ?? '');
      });
    });
  }
}

describe('kill -9 of a switch', () => {
  let parley: Installation;
  beforeAll(async () => {
    parley = await startParley();
  });
  afterAll(async () => {
    await parley[Symbol.asyncDispose]();
  });

  it('its members get a path at another one in their dialogs and talk on, or a BYE (RFC 3264 §8, RFC 6135 §4.2)', async () => {
    await using alice = await Follower.join(parley, 'alice');
    await using bob = await Follower.join(parley, 'bob');
    await alice.say('before');
    await eventually(() => {
      expect(bob.heard).toEqual(['before']);
    });
    process.kill(processIds(parley)['msrp-switch'], 'SIGKILL');
    await eventually(
      () => {
        expect([alice, bob].map(({ moves, over }) => moves > 0 || over)).toEqual([true, true]);
      },
      { within: 60_000 },
    );
    // On a machine that is slow to start the switch again, the ten seconds may be over first: who got a BYE comes again.
    for (const member of [alice, bob]) {
      await eventually(() => member.comeAgain(), { within: 60_000 });
    }
    await eventually(async () => {
      await alice.say('after');
      expect(bob.heard).toContain('after');
    });
  });
});
