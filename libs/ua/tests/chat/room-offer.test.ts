import { unwrap } from '@parley/prelude';
import { parseMsrpMedia, parseSdp } from '@parley/sdp';
import { describe, expect, it } from 'vitest';
import { roomOffer } from '../../src/index.ts';

describe('the offer to a chat room', () => {
  it('says replace-message where the application acts on amendments (docs/specs/replace-message.md §4.4)', () => {
    const tokens = (amendments?: boolean) => {
      const base = {
        transport: 'tcp',
        host: '127.0.0.1',
        sessionId: 's',
        sdpId: '1',
        sdpVersion: '1',
        maxSize: 1,
      } as const;
      const sdp = unwrap(parseSdp(roomOffer(amendments === undefined ? base : { ...base, amendments })));
      return unwrap(parseMsrpMedia(sdp, sdp.media[0]!)).chatroom;
    };
    expect(tokens()).toEqual(['nickname', 'private-messages']);
    expect(tokens(true)).toEqual(['nickname', 'private-messages', 'replace-message']);
  });
});
