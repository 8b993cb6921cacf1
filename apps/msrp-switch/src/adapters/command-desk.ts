import { recallCommand, recordCommand } from '@parley/actor';
import type { msrpSwitch } from '@parley/contracts';
import type { MsrpUri } from '@parley/msrp';
import { createSessionId, pathOf } from '@parley/msrp';
import type { Refusal } from '@parley/prelude';
import { refusal } from '@parley/prelude';
import { uriHost } from '@parley/service';
import type { Surroundings } from '../actors/surroundings.ts';
import type { WireKind } from '../connection/wire.ts';
import type { SessionDesk } from '../actors/session-desk.ts';
import { Session } from '../hub/session.ts';
import type { Switchboard } from '../hub/switchboard.ts';
import type { HistoryDesk } from '../history/history-desk.ts';
import type { RelayDesk } from '../relay/relay-desk.ts';
import { hubPolicyOf } from './hub-policy-message.ts';
import { sessionTermsOf } from './session-terms.ts';

type Reply = msrpSwitch.SwitchReply;

/** What this switch says of itself in a path. */
export interface SwitchAddress {
  readonly instance: string;
  readonly host: string;
  /** By the kind of connection; undefined where there is none. */
  readonly ports: Readonly<Record<WireKind, number | undefined>>;
  /** Octets of the largest message. */
  readonly maxSize: number;
  /** `a=fingerprint` of the certificate, where peers need it. */
  fingerprint(): string | undefined;
}

/** What commands are carried out with. */
export interface CommandParts {
  readonly board: Switchboard;
  readonly sessions: SessionDesk;
  readonly relay: RelayDesk;
  readonly history: Pick<HistoryDesk, 'drop'>;
  readonly address: SwitchAddress;
  /** Connects a session whose peer waits for that. */
  readonly dial: (session: Session) => void;
}

/** Carries out what the focus says about its rooms here. */
export class CommandDesk {
  private readonly around: Surroundings;
  private readonly board: Switchboard;
  private readonly sessions: SessionDesk;
  private readonly relay: RelayDesk;
  private readonly history: CommandParts['history'];
  private readonly address: SwitchAddress;
  private readonly dial: (session: Session) => void;
  private isDraining = false;

  constructor(around: Surroundings, { board, sessions, relay, history, address, dial }: CommandParts) {
    this.around = around;
    this.board = board;
    this.sessions = sessions;
    this.relay = relay;
    this.history = history;
    this.address = address;
    this.dial = dial;
  }

  /** Opens no further sessions. */
  drain(): void {
    this.isDraining = true;
  }

  handle({ commandId, room, command }: msrpSwitch.SwitchCommand): Reply | Promise<Reply> {
    switch (command?.kind) {
      case 'open':
        return this.openHere(commandId, room, command.value);
      case 'close':
        return this.close(room, command.value);
      case 'change':
        return this.change(room, command.value);
      case 'updateHub':
        return this.update(room, command.value.hub);
      case 'closeHub':
        return this.closeHub(room);
      case 'announce':
        return this.announceOnce(commandId, room, command.value.text);
      case 'joinHub':
        return this.joinHub(room, command.value);
      case undefined:
        return refused(refusal(400, 'Unknown Command', 'expected a command that this version knows'));
    }
  }

  /** A session is said to be open when those of the room on other switches can be heard. */
  private openHere(commandId: string, room: string, open: msrpSwitch.OpenSession): Reply | Promise<Reply> {
    const reply = this.openOnce(commandId, room, open);
    const hub = this.board.hub(room);
    const strangers = open.switches?.items.filter((other) => hub?.peers.has(other) === false) ?? [];
    if (hub === undefined || strangers.length === 0) return reply;
    return this.relay.meet(hub, strangers).then(() => reply);
  }

  private openOnce(commandId: string, room: string, open: msrpSwitch.OpenSession): Reply {
    const hub = this.board.hub(room);
    const done = hub && recallCommand(hub.log, commandId)?.outcome;
    if (done?.outcome?.kind === 'opened' && this.board.session(done.outcome.value.session)) return done;
    const reply = this.open(room, open);
    const after = this.board.hub(room);
    if (after !== undefined) after.log = recordCommand(after.log, commandId, reply);
    return reply;
  }

  private open(room: string, open: msrpSwitch.OpenSession): Reply {
    if (this.isDraining) return refused(refusal(503, 'Draining', 'this switch is about to stop', 1));
    if (this.board.sessionCount >= this.around.limits.sessions) {
      return refused(refusal(503, 'Full', 'this switch holds as many sessions as it may', 10));
    }
    const uri = this.uriFor(open);
    if (uri === undefined || (open.setup === 'active' && open.transport === 'ws')) {
      return refused(refusal(488, 'No Such Transport', 'this switch does not speak that, or not in that role'));
    }
    const terms = sessionTermsOf(open, Math.floor(this.around.clock.wallTime()));
    if (!terms.ok) return refused(refusal(400, 'Bad Path', terms.error.message));
    const hub = this.board.hubWith(room, hubPolicyOf(open.hub, this.address.maxSize));
    const id = createSessionId(this.around.random);
    const session = new Session(id, hub, terms.value, pathOf({ ...uri, sessionId: id }));
    session.nickname = open.nickname;
    this.sessions.open(session);
    if (open.setup === 'active') this.dial(session);
    return this.opened(session);
  }

  /** Our end of a session, without its identifier. @spec RFC 4975 §6, RFC 7977 §5.2 */
  private uriFor({ scheme, transport }: msrpSwitch.OpenSession): MsrpUri | undefined {
    const { host, ports } = this.address;
    const isWebSocket = transport === 'ws';
    const isSecure = scheme === 'msrps';
    const port = ports[isWebSocket ? 'ws' : isSecure ? 'tls' : 'tcp'];
    if (port === undefined) return undefined;
    return {
      scheme: isSecure ? 'msrps' : 'msrp',
      userinfo: undefined,
      host: uriHost(host),
      port,
      sessionId: undefined,
      transport: isWebSocket ? 'ws' : 'tcp',
      parameters: [],
    };
  }

  private opened({ id, path, wire }: Session): Reply {
    const { instance, host: address } = this.address;
    const port = path.first.port ?? 0;
    const fingerprint = wire === 'tls' ? this.address.fingerprint() : undefined;
    const fingerprints = fingerprint === undefined ? undefined : { items: [fingerprint] };
    return {
      outcome: { kind: 'opened', value: { session: id, instance, path: [path.text], port, address, fingerprints } },
    };
  }

  private close(room: string, { session: id }: msrpSwitch.CloseSession): Reply {
    const session = this.board.session(id);
    if (session?.hub.room === room) this.sessions.close(session);
    return done;
  }

  /** What was said when a session was opened is said anew: the path of its peer may only be known now. */
  private change(room: string, { session: id, terms: said }: msrpSwitch.ChangeSession): Reply {
    const session = this.board.session(id);
    const terms = said && session && sessionTermsOf(said, session.hearsSince);
    if (session?.hub.room !== room) return refused(refusal(404, 'No Such Session', 'the session is gone'));
    if (terms?.ok !== true) return refused(refusal(400, 'Bad Terms', 'expected the terms of the session'));
    const isAnswer = session.terms.peerPath === undefined && terms.value.peerPath !== undefined;
    this.board.change(session, terms.value);
    if (isAnswer) this.sessions.answered(session);
    if (said?.setup === 'active' && session.life === 'waiting') this.dial(session);
    return done;
  }

  private joinHub(room: string, { instance }: msrpSwitch.JoinHub): Reply {
    const joined = this.relay.joined(room, instance);
    if (joined === undefined) return refused(refusal(404, 'No Such Hub', 'nobody of the room is here'));
    return { outcome: { kind: 'joined', value: joined } };
  }

  private update(room: string, policy: msrpSwitch.HubPolicy | undefined): Reply {
    const hub = this.board.hub(room);
    if (hub !== undefined) hub.policy = hubPolicyOf(policy, this.address.maxSize);
    return done;
  }

  /** The room ends: what was said in it and is not written has no place any more. */
  private closeHub(room: string): Reply {
    this.history.drop(room);
    for (const session of [...(this.board.hub(room)?.sessions.values() ?? [])]) this.sessions.close(session);
    return done;
  }

  private announceOnce(commandId: string, room: string, text: string): Reply {
    const hub = this.board.hub(room);
    if (hub === undefined || recallCommand(hub.log, commandId) !== undefined) return done;
    hub.log = recordCommand(hub.log, commandId, done);
    this.sessions.announce(hub, text);
    return done;
  }
}

const done: Reply = { outcome: { kind: 'done', value: {} } };

function refused({ status, phrase, message, retryAfter }: Refusal): Reply {
  return { outcome: { kind: 'refusal', value: { status, phrase, message, retryAfter: retryAfter ?? 0 } } };
}
