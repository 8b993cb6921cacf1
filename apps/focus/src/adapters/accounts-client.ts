import type { Bus } from '@parley/bus';
import type { edge } from '@parley/contracts';
import { groupSubject, rpc } from '@parley/contracts';
import type { Clock, Random, Refusal, Result } from '@parley/prelude';
import { err, ok, randomToken, refusal } from '@parley/prelude';
import { field, parseUri, serialiseUri, unescapeUri } from '@parley/sip';
import type { Device } from '../room/call-out.ts';
import { mediaTransport } from './invitation-message.ts';

/** Milliseconds for an answer of the edges. */
const patience = 5_000;

/** Asks the edges, which know the accounts and where their devices are. */
export class AccountsClient {
  private readonly bus: Bus;
  private readonly clock: Clock;
  private readonly random: Random;

  constructor(bus: Bus, clock: Clock, random: Random) {
    this.bus = bus;
    this.clock = clock;
    this.random = random;
  }

  /** The devices of an account that can be called now. @returns 404 for who has none, 503 when no edge answers */
  async devicesOf(addressOfRecord: string): Promise<Result<readonly Device[], Refusal>> {
    const uri = parseUri(addressOfRecord);
    const name = uri.ok && uri.value.kind === 'sip' ? unescapeUri(uri.value.user ?? '') : '';
    const command = { commandId: randomToken(this.random, 16), command: { kind: 'show', value: { name } } } as const;
    const deadline = this.clock.now() + patience;
    const reply = await this.bus.request(groupSubject('edge', 'accounts'), rpc.accounts, command, { deadline });
    if (!reply.ok) return err(refusal(503, 'Service Unavailable', 'no edge answers', 5));
    const { outcome } = reply.value;
    if (outcome?.kind === 'refusal') return err({ kind: 'Refusal', ...outcome.value });
    if (outcome?.kind !== 'account') return err(refusal(500, 'Server Internal Error', 'an edge answered amiss'));
    return ok(outcome.value.bindings.flatMap(deviceOf));
  }
}

function deviceOf({ contact, transport, way }: edge.Binding): readonly Device[] {
  const parsed = field.contact.parse(contact);
  if (!parsed.ok || parsed.value === '*' || way === undefined) return [];
  const { edgeInstance, flow, path, record } = way;
  return [
    {
      contact: serialiseUri(parsed.value.uri),
      reach: { edgeInstance, flow },
      path,
      recordRoute: record === '' ? { kind: 'none' } : { kind: 'of-token', token: record },
      transport: mediaTransport(transport.toUpperCase()),
    },
  ];
}
