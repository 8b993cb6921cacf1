import type { RawGuest, RawJoin } from './raw-guest.ts';
import { joinByHand } from './raw-guest.ts';
import type { Installation } from './installation.ts';
import { startPhone } from './phone.ts';
import type { Phone } from './phone.ts';

/** Somebody in a room who writes CPIM by hand. */
export interface RoomMember extends AsyncDisposable {
  readonly phone: Phone;
  readonly guest: RawGuest;
  readonly uri: string;
  /** Sends a message, its headers given line by line; resolves with the code of the answer. */
  says(to: string, headers: readonly string[], content: string): Promise<string>;
  /** Waits for a SEND that fits. */
  hears(pattern: RegExp): Promise<string>;
}

let count = 0;

/** Joins a room by hand. */
export async function enterByHand(
  { ports }: Installation,
  name: string,
  room: string,
  join: RawJoin = {},
): Promise<RoomMember> {
  const phone = await startPhone(ports, name);
  const guest = await joinByHand(phone, room, join);
  const uri = `sip:${name}@localhost`;
  return {
    phone,
    guest,
    uri,
    says: async (to, headers, content) => {
      const id = `said${process.pid}x${++count}`;
      const lines = [`From: <${uri}>`, `To: <${to}>`, ...headers, '', ...content.split('\n')];
      guest.send(
        [
          `MSRP ${id} SEND`,
          `Message-ID: ${id}`,
          'Byte-Range: 1-*/*',
          'Content-Type: message/cpim',
          '',
          ...lines,
          `-------${id}$`,
          '',
        ].join('\n'),
      );
      const [, code = ''] = await guest.wire.receives(new RegExp(`MSRP ${id} (\\d{3})`));
      return code;
    },
    hears: async (pattern) => (await guest.wire.receives(pattern))[0],
    [Symbol.asyncDispose]: async () => {
      await guest[Symbol.asyncDispose]();
      await phone[Symbol.asyncDispose]();
    },
  };
}

/** Headers of RFC 5438, and those by which a message replaces or recalls another. */
export const names = {
  imdn: (id: string): readonly string[] => ['NS: imdn <urn:ietf:params:imdn>', `imdn.Message-ID: ${id}`],
  replaces: (id: string, action = 'replace'): readonly string[] => [
    'NS: replace <urn:parley:params:cpim:replace>',
    `replace.Message-ID: ${id}`,
    `replace.Action: ${action}`,
  ],
} as const;
