import { describe, expect, it } from 'vitest';
import { parseRoomUri, roomName } from '../../src/room/room-uri.ts';

function spelled(text: string): string | undefined {
  const uri = parseRoomUri(text, 'chat.localhost');
  return uri.ok ? uri.value : undefined;
}

describe('conference URIs', () => {
  it('have one spelling: host in lower case, no port, no parameters, escapes only where needed (RFC 3261 §19.1.4)', () => {
    expect(spelled('sip:Lobby@CHAT.localhost:5060;transport=tcp')).toBe('sip:Lobby@chat.localhost');
    expect(spelled('sips:%6cobby@chat.localhost')).toBe('sip:lobby@chat.localhost');
    expect(spelled('sip:caf%c3%a9@chat.localhost')).toBe('sip:caf%C3%A9@chat.localhost');
  });

  it('keep the case of the user part', () => {
    expect(spelled('sip:lobby@chat.localhost')).not.toBe(spelled('sip:Lobby@chat.localhost'));
  });

  it.each([
    'sip:chat.localhost',
    'sip:lobby@localhost',
    'sip:factory@chat.localhost',
    'sip:a%00b@chat.localhost',
    'tel:+4712345',
    'lobby',
    `sip:${'a'.repeat(129)}@chat.localhost`,
  ])('%s names no room', (text) => {
    expect(parseRoomUri(text, 'chat.localhost')).toMatchObject({ ok: false, error: { status: 404 } });
  });

  it('tell the name', () => {
    const uri = parseRoomUri('sip:caf%c3%a9@chat.localhost', 'chat.localhost');
    expect(uri.ok && roomName(uri.value)).toBe('café');
  });
});
