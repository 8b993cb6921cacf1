import type { Bus } from '@parley/bus';
import { focus, roomEventSubject } from '@parley/contracts';
import { assertNever } from '@parley/prelude';
import type { EdgeClient } from '../adapters/edge-client.ts';
import type { AccountsClient } from '../adapters/accounts-client.ts';
import type { NicknameClient } from '../adapters/nickname-client.ts';
import { rosterMessage } from '../adapters/room-message.ts';
import type { SwitchClient } from '../adapters/switch-client.ts';
import type { FocusEvents } from '../events.ts';
import type { Effect } from '../room/decision.ts';
import type { RosterChange } from '../room/roster.ts';

/** Those whom a room talks to. */
export interface Correspondents {
  readonly bus: Bus;
  readonly switches: SwitchClient;
  readonly edges: EdgeClient;
  readonly nicknames: NicknameClient;
  readonly accounts: AccountsClient;
  readonly events: FocusEvents;
}

/** Tells the subscribers of a roster what is new. */
export function publishNews({ bus, events }: Correspondents, room: string, news: RosterChange): void {
  bus.publish(roomEventSubject(room), focus.RosterChanged, rosterMessage(room, news));
  events.rosterChanged(room, news);
}

/** What is done without the room hearing of it. */
export type SimpleEffect = Exclude<Effect, { kind: 'AskDevice' | 'OfferLater' | 'Rehome' | 'MoveNickname' }>;

/** Carries an effect out; the room does not wait for it, as its state is stored and no answer changes it. */
export function perform(to: Correspondents, room: string, effect: SimpleEffect): void {
  void carryOut(to, room, effect).then((isDone) => {
    if (!isDone) to.events.effectFailed(room, effect.kind);
  });
}

async function carryOut(
  { switches, edges, nicknames }: Correspondents,
  room: string,
  effect: SimpleEffect,
): Promise<boolean> {
  switch (effect.kind) {
    case 'SendRequest':
      return edges.send(effect.reach, effect.request);
    case 'ReleaseNickname':
      return nicknames.release(room, effect.scope, effect.holder);
    case 'CloseSession':
      await switches.closeSession(effect.switchInstance, room, effect.session, effect.reason);
      return true;
    case 'ChangeSession':
      return switches.changeSession(effect.switchInstance, room, effect.session, effect.wish);
    case 'UpdateHub':
      await switches.updateHub(effect.switchInstance, room, effect.policy);
      return true;
    case 'CloseHub':
      await switches.closeHub(effect.switchInstance, room, effect.reason);
      return true;
    case 'ForgetHistory':
      return switches.forgetHistory(room);
    case 'Announce':
      await switches.announce(effect.switchInstance, room, effect.text);
      return true;
    default:
      return assertNever(effect);
  }
}
