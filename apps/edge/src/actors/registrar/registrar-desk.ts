import { createHash } from 'node:crypto';
import type { BusFailure } from '@parley/bus';
import type { Clock, Random, Refusal } from '@parley/prelude';
import { err, randomToken } from '@parley/prelude';
import type { Result } from '@parley/prelude';
import type { ContactAddress, RawField, SipRequest, SipUri, Uri } from '@parley/sip';
import { field, read } from '@parley/sip';
import type { Flow, ServerTransaction, TransportProtocol } from '@parley/sip-stack';
import type { Account } from '../../accounts/account.ts';
import type { AccountBook } from '../../accounts/account-book.ts';
import type { ServedNames } from '../../addresses/destination.ts';
import { destinationOf } from '../../addresses/destination.ts';
import type { EdgeEvents } from '../../events.ts';
import type { FlowTable } from '../../flows/flow-table.ts';
import type { KeepAlives } from '../../flows/keep-alives.ts';
import type { OwnUris } from '../../flows/own-uris.ts';
import type { BindingBook } from '../../location/binding-book.ts';
import type { DeviceBook } from '../../location/device-book.ts';
import type { Acceptance } from '../../mailbox/device.ts';
import { routeOf } from '../../registrar/binding-route.ts';
import type { Binding } from '../../registrar/binding.ts';
import { isTarget } from '../../registrar/binding.ts';
import { lacksMethod } from '../../registrar/caller-preferences.ts';
import type { Gruus } from '../../registrar/gruus.ts';
import type { IntervalTooBrief, RegisterCommand, Registered } from '../../registrar/register.ts';
import { register } from '../../registrar/register.ts';
import { promisedInterval, registeredFields } from '../../registrar/registered-fields.ts';
import type { RegistrarRules } from '../../registrar/registrar-rules.ts';
import type { Registration } from '../../registrar/registration.ts';
import { parseRegistration } from '../../registrar/registration.ts';
import type { MailboxNewsDesk } from '../mailbox/mailbox-news-desk.ts';
import type { DateText } from '../date-text.ts';
import { KeyedQueue } from '../keyed-queue.ts';
import type { Responder } from '../entry/responder.ts';

/** What the desk is built from. */
export interface RegistrarDeskOptions {
  readonly instance: string;
  readonly names: ServedNames;
  readonly rules: RegistrarRules;
  readonly clock: Clock;
  readonly random: Random;
  readonly accounts: Pick<AccountBook, 'find'>;
  readonly bindings: BindingBook;
  readonly devices: Pick<DeviceBook, 'remember'>;
  readonly news: Pick<MailboxNewsDesk, 'registered'>;
  readonly gruus: Gruus;
  readonly flows: FlowTable;
  readonly uris: Pick<OwnUris, 'route' | 'portFor'>;
  readonly keepAlives: Pick<KeepAlives, 'expect'>;
  readonly responder: Responder;
  readonly date: DateText;
  readonly events: EdgeEvents;
}

/** Takes the REGISTERs of authenticated accounts, one at a time for each address-of-record. @spec RFC 3261 §10.3 */
export class RegistrarDesk {
  private readonly options: RegistrarDeskOptions;
  private readonly queue = new KeyedQueue();

  constructor(options: RegistrarDeskOptions) {
    this.options = options;
  }

  /** REGISTERs that wait for the store. */
  get size(): number {
    return this.queue.size;
  }

  /**
   * Steps 3 to 8, after authentication.
   *
   * @param forRooms - whether it came to the chat domain
   */
  take(transaction: ServerTransaction, request: SipRequest, account: Account, forRooms: boolean): void {
    const refused = this.checkAddress(request, account);
    if (refused !== undefined) {
      this.options.responder.refuse(transaction, refused);
      return;
    }
    const registration = parseRegistration(request, forRooms);
    if (registration.ok) {
      this.queue.run(account.name, () => this.storeOrFail(transaction, registration.value, account));
    } else this.options.responder.reply(transaction, 400, `Bad ${registration.error.rule}`);
  }

  /** Steps 4 and 5: To is an address of the account itself. */
  private checkAddress(request: SipRequest, account: Account): Refusal | undefined {
    const to = read(request, field.to);
    const aor = to.ok && to.value !== undefined ? destinationOf(to.value.uri, this.options.names) : undefined;
    if (aor?.kind !== 'user') return noSuchAddress;
    return aor.name === account.name ? undefined : thirdParty;
  }

  private async storeOrFail(
    transaction: ServerTransaction,
    registration: Registration,
    account: Account,
  ): Promise<void> {
    try {
      await this.store(transaction, registration, account);
    } catch (error) {
      this.options.events.fault('REGISTER', error);
      this.options.responder.reply(transaction, 500);
    }
  }

  private async store(transaction: ServerTransaction, registration: Registration, account: Account): Promise<void> {
    const { bindings, responder, events, flows } = this.options;
    const { flow } = transaction;
    const { name } = account;
    const decided = this.decide(registration, account, transaction);
    if (!decided.ok) {
      this.refuse(transaction, decided.error);
      return;
    }
    const change = decided.value;
    const isChange = change.stored.length + change.removed.length > 0;
    if (isChange && flow.reliable) flows.bind(flow, name);
    const stored = isChange ? await this.write(account, change, registration.says) : undefined;
    if (stored?.ok === false) {
      this.refuse(transaction, stored.error);
      return;
    }
    if (flow.reliable && !flow.open) await bindings.end([name], (binding) => binding.flow === flow.id);
    if (isChange) events.registered(name, change);
    this.tellNews(name, change, flow);
    const fields = this.fieldsFor(name, registration, change, flow);
    responder.reply(transaction, 200, undefined, [...fields, ['Date', this.options.date.now()]]);
  }

  private tellNews(name: string, { stored }: Registered, flow: Flow): void {
    const { news, keepAlives, rules } = this.options;
    const devices = new Set(stored.filter(takesMail).map(({ device }) => device));
    if (devices.size > 0) void news.registered(name, devices);
    for (const binding of stored) {
      if (promisedInterval(binding, rules.flowTimer) !== undefined) keepAlives.expect(flow, name);
    }
  }

  /** A device is remembered before it can be reached, so that mail for it is never lost. */
  private async write(
    { name, createdAt }: Account,
    change: Registered,
    says: Acceptance,
  ): Promise<Result<void, BusFailure | Refusal>> {
    const { accounts, devices, bindings } = this.options;
    const remembered = await devices.remember(name, change.stored.filter(takesMail), says);
    const stored = remembered.ok ? await bindings.apply(name, change) : remembered;
    if (accounts.find(name)?.createdAt === createdAt) return stored;
    // Whoever removed the account may have looked before this was written.
    await bindings.removeAll(name, createdAt);
    return err(noSuchAddress);
  }

  private decide(
    registration: Registration,
    { name, createdAt }: Account,
    { flow }: ServerTransaction,
  ): Result<Registered, Refusal | IntervalTooBrief> {
    const { bindings, instance, clock, random, rules, names } = this.options;
    if (flow.reliable && !flow.open) return err(flowClosed);
    const command: RegisterCommand = {
      registration,
      routeTo: (contact) => routeOf(contact, flow, instance),
      isHere: (uri) => !elsewhere.has(destinationOf(uri, names).kind) && this.isOwnPort(uri),
      now: clock.wallTime(),
      accountSince: createdAt,
      keyFor: (contact) => flowKey(contact, registration.forRooms) ?? randomToken(random, 16),
      newToken: () => randomToken(random, 16),
    };
    return register(bindings.registered(name, registration.forRooms), command, rules);
  }

  /** Whether the port of a contact is one of ours in its transport; another program may have the number in another one. */
  private isOwnPort(uri: Uri): boolean {
    return uri.kind !== 'sip' || uri.port === undefined || uri.port === this.options.uris.portFor(protocolOf(uri));
  }

  private refuse(transaction: ServerTransaction, error: Refusal | IntervalTooBrief | BusFailure): void {
    const { responder } = this.options;
    if (error.kind === 'IntervalTooBrief') {
      responder.reply(transaction, 423, undefined, [['Min-Expires', String(error.minExpires)]]);
    } else if (error.kind === 'Refusal') responder.refuse(transaction, error);
    else responder.reply(transaction, 503, undefined, [['Retry-After', '5']]);
  }

  private fieldsFor(account: string, registration: Registration, change: Registered, flow: Flow): readonly RawField[] {
    const { clock, rules, gruus, uris } = this.options;
    return registeredFields({
      account,
      registration,
      change,
      now: clock.wallTime(),
      flowTimer: rules.flowTimer,
      gruus,
      route: (secure) => uris.route('', flow.protocol, secure),
    });
  }
}

/** What a contact may be besides an address that would lead back here. */
const elsewhere: ReadonlySet<string> = new Set(['foreign', 'telephone', 'unsupported-scheme']);

function protocolOf({ scheme, parameters }: SipUri): TransportProtocol {
  const transport = parameters.get('transport')?.toLowerCase();
  if (transport === 'ws' || transport === 'wss') return 'WS';
  return scheme === 'sips' || transport === 'tls' ? 'TLS' : 'UDP';
}

/** Whether mail is kept for the device of a binding. */
function takesMail(binding: Binding): boolean {
  return isTarget(binding) && !lacksMethod(binding, 'MESSAGE');
}

/** The name of a flow's binding, the same at every edge, so that the last REGISTER wins wherever it came. @spec RFC 5626 §6 */
function flowKey({ instance, regId }: ContactAddress, forRooms: boolean): string | undefined {
  if (instance === undefined || regId === undefined) return undefined;
  const name = `${instance.toLowerCase()}\n${regId}\n${forRooms}`;
  return createHash('sha256').update(name).digest('base64url').slice(0, 22);
}

const noSuchAddress: Refusal = {
  kind: 'Refusal',
  status: 404,
  phrase: 'Not Found',
  message: 'expected To to be an address of this domain',
};
const thirdParty: Refusal = {
  kind: 'Refusal',
  status: 403,
  phrase: 'Forbidden',
  message: 'expected To to be an address of the authenticated account',
};
const flowClosed: Refusal = { kind: 'Refusal', status: 500, phrase: 'Connection Closed', message: 'nobody to answer' };
