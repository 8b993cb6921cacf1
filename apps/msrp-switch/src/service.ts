import { answerCensus, declined } from '@parley/bus';
import type { Bus } from '@parley/bus';
import { groupQueue, groupSubject, instanceSubject, rpc } from '@parley/contracts';
import type { msrpSwitch } from '@parley/contracts';
import type { RunningService, ServiceContext } from '@parley/service';
import { nodeBytes } from '@parley/service';
import { AnswerDesk } from './actors/answer-desk.ts';
import { ConnectionDesk } from './actors/connection-desk.ts';
import { messageErrands } from './actors/build-errands.ts';
import { Distributor } from './actors/distributor.ts';
import { MessageDesk } from './actors/message-desk.ts';
import { NicknameDesk } from './actors/nickname-desk.ts';
import { Pacer } from './actors/pacer.ts';
import { SessionDesk } from './actors/session-desk.ts';
import type { Surroundings } from './actors/surroundings.ts';
import { CommandDesk } from './adapters/command-desk.ts';
import { KnownMessages } from './amendments/known-messages.ts';
import { serveHistory } from './adapters/history-server.ts';
import { FocusDesk } from './adapters/focus-desk.ts';
import { NicknameClient } from './adapters/nickname-client.ts';
import { dialer } from './connection/dial.ts';
import { Connections } from './connection/connections.ts';
import { Flusher } from './connection/flusher.ts';
import { openPorts } from './connection/open-ports.ts';
import { switchEvents } from './events.ts';
import { AmendedHistory } from './history/amended-history.ts';
import { HistoryDesk } from './history/history-desk.ts';
import { HistoryStore } from './history/history-store.ts';
import { Replayer } from './history/replayer.ts';
import { Switchboard } from './hub/switchboard.ts';
import type { SwitchLimits } from './limits.ts';
import { defaultSwitchLimits } from './limits.ts';
import { MailDrop } from './notifications/mail-drop.ts';
import { RoomReceipts } from './notifications/room-receipts.ts';
import { RelayDesk } from './relay/relay-desk.ts';
import { observeSwitch } from './telemetry.ts';

/** Name of the service in subjects, logs and metrics. */
export const serviceName = 'msrp-switch';

/** What every room says before its switch stops. @spec draft-ietf-simple-chat-03 §4 (REQ-9) */
const lastWord = 'This server is shutting down.';

/** Milliseconds that a drain waits for the focus, which may be stopping as well: many times what one that lives needs. */
const farewellPatience = 3_000;

/** A switch that runs; its connections also take wires that are no sockets. */
export interface RunningSwitch extends RunningService {
  readonly connections: Connections;
}

/** Puts the switch together on a bus that is connected. */
export async function startMsrpSwitch(
  context: ServiceContext,
  bus: Bus,
  limits: SwitchLimits = { ...defaultSwitchLimits, sessions: context.settings.msrpSessions },
): Promise<RunningSwitch> {
  const { settings, clock, random, instance } = context;
  const events = switchEvents(context);
  const around: Surroundings = { clock, random, codec: nodeBytes, dialect: settings.chatDialect, limits, events };
  const board = new Switchboard();
  const distributor = new Distributor(around);
  const couriers = { distributor, pacer: new Pacer(around), answers: new AnswerDesk(around) };
  const relay = new RelayDesk(around, { bus, instance, board, ...couriers, flusher: new Flusher() });
  const store = new HistoryStore(bus);
  const history = new HistoryDesk(around, store);
  const known = new KnownMessages();
  const { domain } = settings;
  const receipts = new RoomReceipts({ bus, clock, codec: nodeBytes, domain, maxSize: settings.maxSize });
  const { errands, listeners } = messageErrands(around, {
    ...{ bus, distributor, known, desk: history, history: new AmendedHistory(store, random), receipts },
    mail: new MailDrop({ bus, clock, codec: nodeBytes, domain }),
  });
  for (const listener of listeners) board.listen(listener);
  const messages = new MessageDesk(around, couriers, errands);
  distributor.also(history);
  board.listen(history);
  distributor.also(relay);
  board.listen(relay);
  const focus = new FocusDesk(bus, clock, random, events);
  const sessions = new SessionDesk(around, board, messages, focus);
  const replayer = new Replayer(around, { desk: history, store, board });
  sessions.whenBound((session) => void replayer.replay(session));
  const nicknames = new NicknameDesk(around, new NicknameClient(bus, around, settings.chatDomain), focus);
  const desk = new ConnectionDesk(around, { board, sessions, messages, nicknames });
  const maxSize = settings.msrpMaxSize;
  const connections = new Connections(around, desk, maxSize);
  const ports = await openPorts(context, connections, limits);
  if (ports.withoutNative !== '') events.withoutNativeSockets(ports.withoutNative);
  const address = {
    instance,
    host: settings.publicHost,
    ports: ports.numbers,
    maxSize,
    fingerprint: () => ports.fingerprint,
  };
  const dial = dialer(around, sessions, connections, ports);
  const commands = new CommandDesk(around, { board, sessions, relay, history, address, dial });
  const handle = (command: msrpSwitch.SwitchCommand): msrpSwitch.SwitchReply | Promise<msrpSwitch.SwitchReply> =>
    commands.handle(command);
  // Where any will do, one that cannot lets another be asked.
  const handleAny = async (command: msrpSwitch.SwitchCommand): Promise<msrpSwitch.SwitchReply | typeof declined> => {
    const reply = await handle(command);
    return reply.outcome?.kind === 'refusal' && reply.outcome.value.status === 503 ? declined : reply;
  };
  const served = [
    relay.serve(),
    ...serveHistory(bus, instance, { desk: history, store, known }),
    bus.serve(instanceSubject(serviceName, instance, 'sessions'), rpc.sessions, handle),
    bus.serve(groupSubject(serviceName, 'sessions'), rpc.sessions, handleAny, { queue: groupQueue(serviceName) }),
  ];
  const census = answerCensus(bus, context, {
    service: serviceName,
    addresses: ports.addresses,
    notes: { 'native sockets': ports.withoutNative || 'ok' },
  });
  observeSwitch(context, board, connections);

  return {
    connections,
    ports: ports.named,
    drain: async () => {
      commands.drain();
      ports[Symbol.dispose]();
      await Promise.all(served.map((subject) => subject.stop()));
      for (const hub of board.allHubs()) sessions.announce(hub, lastWord);
      for (const session of board.all()) sessions.drop(session, 'the switch stops');
      connections.closeAll('the switch stops');
      await Promise.all([focus.settled(farewellPatience), history.settled()]);
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(served.map((subject) => subject.stop()));
      ports[Symbol.dispose]();
      connections.destroyAll('the switch stops');
      receipts[Symbol.dispose]();
      await census.stop();
      await bus.drain();
    },
  };
}
