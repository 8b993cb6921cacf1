import { createHash } from 'node:crypto';
import type { Bus } from '@parley/bus';
import { groupSubject, rpc } from '@parley/contracts';
import type { ByteCodec, Clock } from '@parley/prelude';
import { createRequest, serialise } from '@parley/sip';
import { accountOf } from './account-of.ts';

/** Milliseconds in which the mailbox must have taken it. */
const patience = 5000;

/** What is needed to reach mailboxes. */
export interface MailDropParts {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly codec: ByteCodec;
  readonly domain: string;
}

/** A notification for somebody who is not in the room. */
export interface LateNotification {
  /** Address of who gets it. */
  readonly to: string;
  /** CPIM From. */
  readonly from: string;
  readonly octets: Uint8Array;
}

/**
 * Puts notifications into the mailbox of who has left the room, so that they come at any later time.
 *
 * @spec REQ-DISNOT-3 of the Advanced IM Requirements
 */
export class MailDrop {
  private readonly parts: MailDropParts;

  constructor(parts: MailDropParts) {
    this.parts = parts;
  }

  /** @returns false when there is no such account here, or its mailbox does not take it now */
  async put({ to, from, octets }: LateNotification): Promise<boolean> {
    const { bus, clock, codec, domain } = this.parts;
    const account = accountOf(to, domain);
    if (account === undefined) return false;
    const digest = createHash('sha256').update(`${from}\n${to}\n`).update(octets).digest('hex');
    const request = createRequest({
      method: 'MESSAGE',
      requestUri: to,
      fields: [
        ['From', `<${from}>;tag=${digest.slice(0, 10)}`],
        ['To', `<${to}>`],
        ['Call-ID', digest.slice(32)],
        ['CSeq', '1 MESSAGE'],
        ['Date', new Date(clock.wallTime()).toUTCString()],
        ['Content-Type', 'message/cpim'],
      ],
      body: octets,
    });
    const question = { account, request: serialise(request, codec) };
    const reply = await bus.request(groupSubject('edge', 'deliveries'), rpc.deliveries, question, {
      deadline: clock.now() + patience,
    });
    return reply.ok && reply.value.stored;
  }
}
