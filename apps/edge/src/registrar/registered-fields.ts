import type { RawField } from '@parley/sip';
import { field } from '@parley/sip';
import type { Binding } from './binding.ts';
import type { Gruus } from './gruus.ts';
import type { Registered } from './register.ts';
import type { RegistrarRules } from './registrar-rules.ts';
import type { Registration } from './registration.ts';

/** What the 200 to a REGISTER is made from. */
export interface Answered {
  readonly account: string;
  readonly registration: Registration;
  readonly change: Registered;
  /** Wall time in milliseconds. */
  readonly now: number;
  readonly flowTimer: RegistrarRules['flowTimer'];
  readonly gruus: Pick<Gruus, 'publicFor' | 'temporaryFor'>;
  /** Value of a Service-Route to this edge over the flow of the REGISTER. */
  readonly route: (secure: boolean) => string;
}

/**
 * Step 8: every binding with what is left of its time and its GRUUs; Path as it came; what was promised of the flow; and
 * the way that requests should take, where no other leads back over the flow.
 *
 * @spec RFC 3261 §10.3, RFC 3327 §5.3, RFC 3608 §6.1, RFC 5626 §6, RFC 5627 §5.2
 */
export function registeredFields(answered: Answered): readonly RawField[] {
  const { registration, change, route } = answered;
  const made = change.stored.filter(({ callId, cSeq }) => callId === registration.callId && cSeq === registration.cSeq);
  const flow = made.find(({ outbound }) => outbound);
  const [first] = made;
  const isRouted = first?.path.length === 0 && (flow !== undefined || isWebSocket(first));
  return [
    ...contactsOf(answered),
    ...registration.path.map((value): RawField => ['Path', value]),
    ...(flow === undefined ? [] : flowFields(flow, answered)),
    ...(isRouted ? [['Service-Route', route(isSecure(first))] as const] : []),
  ];
}

/** Seconds between keep-alives that the device of a binding was told; undefined where this edge does not hold its flow. */
export function promisedInterval(binding: Binding, flowTimer: RegistrarRules['flowTimer']): number | undefined {
  if (!binding.outbound || binding.path.length > 0) return undefined;
  return binding.transport === 'UDP' ? flowTimer.udp : flowTimer.connection;
}

function flowFields(flow: Binding, { flowTimer }: Answered): readonly RawField[] {
  const seconds = promisedInterval(flow, flowTimer);
  return [['Require', 'outbound'], ...(seconds === undefined ? [] : [['Flow-Timer', String(seconds)] as const])];
}

function contactsOf({ account, registration, change, now, gruus }: Answered): readonly RawField[] {
  const wantsGruus = registration.supported.includes('gruu');
  const temporary = new Map<string, string | undefined>();
  return change.bindings.map((binding) => {
    const { contact, series, expiresAt } = binding;
    const expires = Math.max(0, Math.ceil((expiresAt - now) / 1000));
    if (!wantsGruus || contact.instance === undefined || series === undefined) return told({ ...contact, expires });
    // One device has one newest temporary GRUU, however many flows it has.
    if (!temporary.has(series.token)) temporary.set(series.token, gruus.temporaryFor(account, binding));
    const pubGruu = gruus.publicFor(account, contact.instance);
    return told({ ...contact, expires, pubGruu, tempGruu: temporary.get(series.token) });
  });
}

function told(contact: Binding['contact']): RawField {
  return ['Contact', field.contact.serialise(contact)];
}

function isWebSocket({ transport }: Binding): boolean {
  return transport === 'WS' || transport === 'WSS';
}

function isSecure({ contact: { uri } }: Binding): boolean {
  return uri.kind === 'sip' && uri.scheme === 'sips';
}
