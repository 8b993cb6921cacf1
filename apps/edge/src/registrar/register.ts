import type { Refusal, Result } from '@parley/prelude';
import { err, ok, refusal } from '@parley/prelude';
import type { ContactAddress, Uri } from '@parley/sip';
import { equalUris } from '@parley/sip';
import type { Binding, BindingRoute } from './binding.ts';
import { isSameInstance, targetOf } from './binding.ts';
import { traitsOf } from './contact-traits.ts';
import { flowContacts } from './flow-contacts.ts';
import { seriesFor, withSeries } from './gruu-series.ts';
import type { RegistrarRules } from './registrar-rules.ts';
import type { Registration } from './registration.ts';

/** A registration in its surroundings. */
export interface RegisterCommand {
  readonly registration: Registration;
  /** The way to a contact that registers here. */
  readonly routeTo: (contact: ContactAddress) => BindingRoute;
  /** Whether a URI is an address of this domain, so that requests to it would come back here. */
  readonly isHere: (uri: Uri) => boolean;
  /** Wall time in milliseconds. */
  readonly now: number;
  /** When the account that registers was made. */
  readonly accountSince: number;
  /** Names a new binding; the same name for one flow of one device wherever it registers. */
  readonly keyFor: (contact: ContactAddress) => string;
  /** An unguessable token. */
  readonly newToken: () => string;
}

/** What a REGISTER changes. All of it is stored, or nothing. */
export interface Registered {
  readonly stored: readonly Binding[];
  readonly removed: readonly Binding[];
  /** What the address-of-record has afterwards. */
  readonly bindings: readonly Binding[];
}

/** 423 with the seconds that would have been accepted. */
export interface IntervalTooBrief {
  readonly kind: 'IntervalTooBrief';
  readonly minExpires: number;
}

/** Seconds from which a wish is never too brief. @spec RFC 3261 §10.3 step 7 */
const neverTooBrief = 3600;

/**
 * Steps 6 to 8 of a registrar: adds, refreshes and removes bindings, or refuses and changes none.
 *
 * @param current - bindings of the address-of-record that have not expired
 * @spec RFC 3261 §10.3, RFC 5626 §6, RFC 5627 §5.1
 */
export function register(
  current: readonly Binding[],
  command: RegisterCommand,
  rules: RegistrarRules,
): Result<Registered, Refusal | IntervalTooBrief> {
  const { registration } = command;
  if (registration.contacts === '*') return removeAll(current, registration);
  const contacts = flowContacts(registration.contacts, registration);
  if (!contacts.ok) return contacts;
  let change: Registered = { stored: [], removed: [], bindings: current };
  for (const contact of contacts.value) {
    const next = applyContact(change, contact, command, rules);
    if (!next.ok) return next;
    change = next.value;
  }
  return change.bindings.length > rules.maxBindings
    ? err(refusal(403, 'Too Many Bindings', `expected at most ${rules.maxBindings} bindings of one address`))
    : ok(change);
}

/** Step 6: `*` removes everything, and only with Expires: 0. */
function removeAll(current: readonly Binding[], registration: Registration): Result<Registered, Refusal> {
  if (registration.expires !== 0) {
    return err(refusal(400, 'Contact * Needs Expires 0', 'expected Expires: 0 with Contact: *'));
  }
  return current.some((binding) => isOutOfOrder(binding, registration))
    ? err(outOfOrder)
    : ok({ stored: [], removed: current, bindings: [] });
}

function applyContact(
  change: Registered,
  contact: ContactAddress,
  command: RegisterCommand,
  rules: RegistrarRules,
): Result<Registered, Refusal | IntervalTooBrief> {
  const { registration } = command;
  const { minExpires, maxExpires } = rules;
  const wish = contact.expires ?? registration.expires ?? Math.max(rules.defaultExpires, minExpires);
  if (wish > 0 && wish < minExpires && wish < neverTooBrief) return err({ kind: 'IntervalTooBrief', minExpires });
  const existing = change.bindings.find((binding) => isSameBinding(binding.contact, contact));
  if (existing && isOutOfOrder(existing, registration)) return err(outOfOrder);
  if (wish === 0) return ok(existing ? without(change, existing) : change);
  const refused = rejectContact(contact, command);
  if (refused !== undefined) return err(refused);
  const series = seriesFor(change.bindings, contact, registration, command.newToken);
  const binding = { ...bind(contact, Math.min(wish, maxExpires), existing, command), series };
  const changed = withBinding(change, binding);
  return ok(withSeries(changed.bindings, binding).reduce(withBinding, changed));
}

/** A contact that would lead back here, that is less secure than it says, or that cannot have a GRUU. @spec RFC 5627 §5.1 */
function rejectContact(contact: ContactAddress, { isHere, registration }: RegisterCommand): Refusal | undefined {
  if (isHere(contact.uri)) return loops;
  if (contact.uri.kind === 'sip' && contact.uri.scheme === 'sips' && !registration.isSecure) return notSecure;
  return contact.instance !== undefined && contact.uri.kind !== 'sip' ? notSip : undefined;
}

function bind(
  contact: ContactAddress,
  seconds: number,
  existing: Binding | undefined,
  command: RegisterCommand,
): Omit<Binding, 'series'> {
  const { registration, now, accountSince } = command;
  return {
    ...command.routeTo(contact),
    key: existing?.key ?? command.keyFor(contact),
    contact: { ...contact, expires: undefined, pubGruu: undefined, tempGruu: undefined },
    ...traitsOf(contact),
    target: targetOf(contact),
    path: registration.path,
    callId: registration.callId,
    cSeq: registration.cSeq,
    expiresAt: now + seconds * 1000,
    registeredAt: existing?.registeredAt ?? now,
    refreshedAt: now,
    accountSince,
    supported: registration.supported,
    userAgent: registration.userAgent,
    forRooms: registration.forRooms,
    outbound: contact.regId !== undefined && registration.supported.includes('outbound'),
  };
}

function withBinding(change: Registered, binding: Binding): Registered {
  const others = (list: readonly Binding[]): readonly Binding[] => list.filter(({ key }) => key !== binding.key);
  return {
    ...change,
    stored: [...others(change.stored), binding],
    bindings: [...others(change.bindings), binding],
  };
}

function without(change: Registered, gone: Binding): Registered {
  return {
    stored: change.stored.filter((binding) => binding !== gone),
    removed: [...change.removed, gone],
    bindings: change.bindings.filter((binding) => binding !== gone),
  };
}

/** Same device and flow number where the device gives them, else the same URI. @spec RFC 5626 §6, RFC 3261 §10.3 step 7 */
function isSameBinding(a: ContactAddress, b: ContactAddress): boolean {
  if (a.instance !== undefined && a.regId !== undefined && b.instance !== undefined && b.regId !== undefined) {
    return isSameInstance(a.instance, b.instance) && a.regId === b.regId;
  }
  return equalUris(a.uri, b.uri);
}

/** A late or repeated REGISTER of the same client must not undo a newer one. */
function isOutOfOrder(existing: Binding, registration: Registration): boolean {
  return existing.callId === registration.callId && registration.cSeq <= existing.cSeq;
}

const outOfOrder = refusal(500, 'CSeq Out Of Order', 'expected a higher CSeq than that of the binding');
const loops = refusal(403, 'Contact Is An Address Here', 'a contact within this domain would make requests loop');
/** @spec RFC 5630 §5.2 */
const notSecure = refusal(400, 'SIPS Contact Needs SIPS', 'expected sips: in Request-URI and Path of a sips: contact');
const notSip = refusal(403, 'Contact Is Not SIP', 'expected a SIP URI where there is a +sip.instance');
