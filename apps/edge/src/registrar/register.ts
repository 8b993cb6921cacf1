import type { Refusal, Result } from '@parley/prelude';
import { err, ok, refusal } from '@parley/prelude';
import type { ContactAddress } from '@parley/sip';
import { equalUris } from '@parley/sip';
import type { Binding, BindingRoute } from './binding.ts';
import { targetOf } from './binding.ts';
import type { RegistrarRules } from './registrar-rules.ts';
import type { Registration } from './registration.ts';

/** A registration in its surroundings. */
export interface RegisterCommand {
  readonly registration: Registration;
  /** The way to a contact that registers here. */
  readonly routeTo: (contact: ContactAddress) => BindingRoute;
  /** Wall time in milliseconds. */
  readonly now: number;
  /** Names a new binding. */
  readonly newKey: () => string;
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

/**
 * Steps 6 to 8 of a registrar: adds, refreshes and removes bindings, or refuses and changes none.
 *
 * @param current - bindings of the address-of-record that have not expired
 * @spec RFC 3261 §10.3
 */
export function register(
  current: readonly Binding[],
  command: RegisterCommand,
  rules: RegistrarRules,
): Result<Registered, Refusal | IntervalTooBrief> {
  const { registration } = command;
  if (registration.contacts === '*') return removeAll(current, registration);
  let change: Registered = { stored: [], removed: [], bindings: current };
  for (const contact of registration.contacts) {
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
  const wish = contact.expires ?? registration.expires ?? rules.defaultExpires;
  if (wish > 0 && wish < rules.minExpires) return err({ kind: 'IntervalTooBrief', minExpires: rules.minExpires });
  const existing = change.bindings.find((binding) => isSameBinding(binding.contact, contact));
  if (existing && isOutOfOrder(existing, registration)) return err(outOfOrder);
  const others = change.bindings.filter((binding) => binding !== existing);
  if (wish === 0) {
    return ok(existing ? { ...change, removed: [...change.removed, existing], bindings: others } : change);
  }
  const binding = bind(contact, Math.min(wish, rules.maxExpires), existing, command);
  const stored = change.stored.filter((earlier) => earlier.key !== binding.key);
  return ok({ ...change, stored: [...stored, binding], bindings: [...others, binding] });
}

function bind(
  contact: ContactAddress,
  seconds: number,
  existing: Binding | undefined,
  command: RegisterCommand,
): Binding {
  const { registration, now } = command;
  return {
    ...command.routeTo(contact),
    key: existing?.key ?? command.newKey(),
    contact: { ...contact, expires: undefined },
    target: targetOf(contact),
    path: registration.path,
    callId: registration.callId,
    cSeq: registration.cSeq,
    expiresAt: now + seconds * 1000,
    registeredAt: existing?.registeredAt ?? now,
    supported: registration.supported,
    userAgent: registration.userAgent,
  };
}

/** Same device and flow number where the device gives them, else the same URI. @spec RFC 5626 §6, RFC 3261 §10.3 step 7 */
function isSameBinding(a: ContactAddress, b: ContactAddress): boolean {
  if (a.instance !== undefined && a.regId !== undefined && b.instance !== undefined && b.regId !== undefined) {
    return a.instance.toLowerCase() === b.instance.toLowerCase() && a.regId === b.regId;
  }
  return equalUris(a.uri, b.uri);
}

/** A late or repeated REGISTER of the same client must not undo a newer one. */
function isOutOfOrder(existing: Binding, registration: Registration): boolean {
  return existing.callId === registration.callId && registration.cSeq <= existing.cSeq;
}

const outOfOrder = refusal(500, 'CSeq Out Of Order', 'expected a higher CSeq than that of the binding');
