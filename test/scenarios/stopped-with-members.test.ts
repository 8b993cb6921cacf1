import { unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';
import { eventually } from '@parley/testing';
import { localPathOf, MsrpSession, roomMediaOf, roomOffer } from '@parley/ua';
import type { RoomOffer } from '@parley/ua';
import { nodePipes, systemRandom } from '@parley/ua/node';
import { describe, expect, it } from 'vitest';
import { startParley } from './support/installation.ts';
import { startPhone } from './support/phone.ts';

const offer: RoomOffer = {
  transport: 'tcp',
  host: '127.0.0.1',
  sessionId: 'stopping',
  sdpId: '1',
  sdpVersion: '1',
  maxSize: 65_536,
};

describe('npm start that is interrupted while somebody is in a room', () => {
  it('has the room say so, ends the dialog by a BYE, and stops of itself (draft-ietf-simple-chat-03 §4, REQ-9)', async () => {
    await using parley = await startParley();
    await using phone = await startPhone(parley.ports, 'alice', { register: false });
    const call = await phone.agent.invite('sip:lobby@chat.localhost', {
      contentType: 'application/sdp',
      body: roomOffer(offer),
    });
    const { path } = unwrap(roomMediaOf(call.remoteBody));
    const heard: string[] = [];
    const ends = { localPath: localPathOf(offer), remotePath: path, random: systemRandom, maxSize: offer.maxSize };
    await MsrpSession.open(ends, systemClock, nodePipes(), ({ received }) => {
      received.listen(({ body }) => heard.push(new TextDecoder().decode(body)));
    });
    const endedBy: string[] = [];
    call.ended.listen((by) => endedBy.push(by));
    process.kill(parley.launcher.pid, 'SIGINT');
    expect(await parley.launcher.exited).toMatchObject({ code: 0 });
    await eventually(() => {
      expect(heard.join()).toContain('This server is shutting down.');
      expect(endedBy).toEqual(['remote']);
    });
    expect(parley.launcher.stderr).not.toContain('cut off');
  });
});
