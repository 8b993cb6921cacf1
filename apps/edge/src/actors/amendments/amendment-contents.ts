import { stored as orThrow } from '@parley/bus';
import type { Bus, BusFailure, MessageStream } from '@parley/bus';
import { amendmentSubject, edge, streams } from '@parley/contracts';
import type { Result } from '@parley/prelude';
import { purgeOfAccount } from '../accounts/purge-of-account.ts';

/** The messages that go in the place of the copies of one mailbox, in their stream. Failures of the store are thrown. */
export class AmendmentContents {
  private readonly stream: MessageStream<edge.AmendmentContent>;
  private readonly subject: string;

  constructor(bus: Bus, account: string) {
    this.stream = bus.stream(streams.amendments, edge.AmendmentContent);
    this.subject = amendmentSubject(account);
  }

  /** Stores one, and gives its sequence: the same again for the same name, which a repeated request has. */
  async add(request: Uint8Array, accountSince: number, messageId: string): Promise<number> {
    const appended = orThrow(await this.stream.append(this.subject, { request, accountSince }, { messageId }));
    return appended.outcome === 'appended' ? appended.sequence : 0;
  }

  /** The octets of one; undefined when it is gone. */
  async at(sequence: number): Promise<Uint8Array | undefined> {
    const found = orThrow(await this.stream.next(this.subject, sequence));
    return found?.sequence === sequence ? found.message.request : undefined;
  }

  /** Removes those that nobody gets any more, behind what is done meanwhile. */
  remove(sequences: Iterable<number>): void {
    for (const sequence of sequences) void this.stream.remove(sequence);
  }

  /** Removes those of an account that is gone, and none of a successor. @param since - when it was made */
  purge(since: number): Promise<Result<unknown, BusFailure>> {
    return purgeOfAccount(this.stream, this.subject, since);
  }
}
