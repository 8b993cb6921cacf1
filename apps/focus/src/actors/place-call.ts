import type { BusFailure } from '@parley/bus';
import type { Refusal, Result } from '@parley/prelude';
import { refusal } from '@parley/prelude';
import type { SipRequest, SipResponse } from '@parley/sip';
import type { AccountsClient } from '../adapters/accounts-client.ts';
import type { EdgeClient } from '../adapters/edge-client.ts';
import type { SwitchClient } from '../adapters/switch-client.ts';
import type { OpenedSessions } from '../media/opened-session.ts';
import type { AnsweredCall, Device, PlannedCall } from '../room/call-out.ts';
import { inviteTo, offerForCall } from '../room/call-out.ts';
import type { Effect } from '../room/decision.ts';
import { abandoned } from '../room/join.ts';
import type { Surroundings } from '../room/surroundings.ts';

/** What became of a call. */
export type CallOutcome =
  | {
      readonly kind: 'answered';
      readonly opened: OpenedSessions;
      readonly call: AnsweredCall;
    }
  | {
      readonly kind: 'failed';
      readonly status: number;
      readonly phrase: string;
      /** Closes what was opened for it. */
      readonly effects: readonly Effect[];
    };

/** Those whom a call takes. */
export interface CallSurroundings {
  readonly accounts: AccountsClient;
  readonly switches: SwitchClient;
  readonly edges: EdgeClient;
  readonly surroundings: Surroundings;
  /** Whether it may be made at all. */
  readonly granted: () => Promise<Result<void, Refusal>>;
  /** What is due when a second device took the call too. */
  readonly late: (call: AnsweredCall) => void;
}

/**
 * Calls all devices of somebody at once; the first that takes the call has it, the others are told that it is over.
 *
 * @param asked - the switch that holds the room; undefined: any
 * @spec RFC 4579 §5.5, RFC 3261 §13.2
 */
export async function placeCall(
  around: CallSurroundings,
  plan: PlannedCall,
  near: readonly string[],
): Promise<CallOutcome> {
  const granted = await around.granted();
  if (!granted.ok) return failed(granted.error);
  const found = await around.accounts.devicesOf(plan.callee);
  if (!found.ok) return failed(found.error);
  const [first] = found.value;
  if (first === undefined) return failed(refusal(480, 'Temporarily Unavailable', 'no device is registered'));
  // All devices share one offer, whose connection is made as that of the first can.
  const { transport } = first;
  const opened = await around.switches.openAll(plan.room, [{ ...plan.wish, transport }], near);
  if (!opened.ok) return failed(unavailable(opened));
  const offer = offerForCall(plan, opened.value, transport, around.surroundings);
  const answer = await firstToAnswer(around, plan, found.value, offer);
  if ('request' in answer) return { kind: 'answered', opened: opened.value, call: answer };
  const effects = abandoned(opened.value, 'the call was not taken');
  return { kind: 'failed', status: answer.status, phrase: answer.phrase, effects };
}

/** The first 2xx; without one the best refusal, a global one before all others. @spec RFC 3261 §16.7 (6) */
function firstToAnswer(
  { edges, late }: CallSurroundings,
  plan: PlannedCall,
  devices: readonly Device[],
  offer: Uint8Array,
): Promise<AnsweredCall | { readonly status: number; readonly phrase: string }> {
  return new Promise((resolve) => {
    const calls = devices.map((device) => ({ device, ...ring(edges, plan, device, offer) }));
    let [answered, waiting] = [false, calls.length];
    const refusals: SipResponse[] = [];
    const over = (one: (typeof calls)[number], { request, response }: Rung): void => {
      waiting--;
      const status = response?.statusCode ?? 408;
      if (response !== undefined && status < 300) {
        const { device } = one;
        const call = { request, offer, response, reach: device.reach, isSecure: device.transport.scheme === 'msrps' };
        if (answered) late(call);
        else for (const other of calls) if (other !== one) other.cancel();
        answered = true;
        resolve(call);
      } else if (response !== undefined) refusals.push(response);
      if (waiting === 0 && !answered) resolve(best(refusals));
    };
    for (const one of calls) {
      void one.rung.then((rung) => {
        over(one, rung);
      });
    }
  });
}

/** An INVITE and its final response; undefined: there was none. */
interface Rung {
  readonly request: SipRequest;
  readonly response: SipResponse | undefined;
}

/** Rings a device. One that takes no list of the others is called once more, without it. @spec RFC 3261 §8.1.3.5 */
function ring(
  edges: EdgeClient,
  plan: PlannedCall,
  device: Device,
  offer: Uint8Array,
): { readonly rung: Promise<Rung>; readonly cancel: () => void } {
  const request = inviteTo(plan, device, offer);
  let [pending, isCancelled] = [edges.invite(device, request), false];
  const rung = async (): Promise<Rung> => {
    const response = await pending.response;
    if (response?.statusCode !== 415 || plan.history === undefined || isCancelled) return { request, response };
    const plain = inviteTo({ ...plan, history: undefined }, device, offer, 2);
    pending = edges.invite(device, plain);
    return { request: plain, response: await pending.response };
  };
  const cancel = (): void => {
    isCancelled = true;
    pending.cancel();
  };
  return { rung: rung(), cancel };
}

function best(refusals: readonly SipResponse[]): { readonly status: number; readonly phrase: string } {
  const rank = ({ statusCode }: SipResponse): number => (statusCode >= 600 ? 0 : statusCode);
  const [first] = refusals.toSorted((one, other) => rank(one) - rank(other));
  if (first === undefined) return { status: 408, phrase: 'Request Timeout' };
  return { status: first.statusCode, phrase: first.reasonPhrase };
}

function unavailable(opened: Extract<Result<unknown, BusFailure | Refusal>, { ok: false }>): Refusal {
  const { error } = opened;
  return error.kind === 'Refusal' ? error : refusal(503, 'Service Unavailable', 'no MSRP switch answers', 5);
}

function failed({ status, phrase }: Refusal): CallOutcome {
  return { kind: 'failed', status, phrase, effects: [] };
}
