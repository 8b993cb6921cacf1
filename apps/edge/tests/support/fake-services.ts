import type { Bus, declined } from '@parley/bus';
import type { common, focus, notification } from '@parley/contracts';
import { rpc, shardCount, shardSubject } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { createResponseTo, parseSipMessage, readRawAll, serialise } from '@parley/sip';
import type { RawField, SipRequest } from '@parley/sip';

/** Reads the request that an edge handed on. */
export function requestOf(ingress: common.SipIngress): SipRequest {
  const message = unwrap(parseSipMessage(ingress.request));
  if (message.kind !== 'request') throw new Error('expected a request');
  return message;
}

/** The answer of a service: status and fields, with the To tag of its dialogs. */
export function sipAnswer(
  ingress: common.SipIngress,
  status: number,
  fields: readonly RawField[] = [],
): { readonly kind: 'sip'; readonly value: common.SipAnswer } {
  const request = requestOf(ingress);
  const recorded = readRawAll(request, 'Record-Route').map((value): RawField => ['Record-Route', value]);
  const response = createResponseTo(request, status, undefined, {
    toTag: 'focus-tag',
    fields: [...recorded, ...fields],
  });
  return { kind: 'sip', value: { response: serialise(response) } };
}

type FocusAnswer = focus.FocusReply | typeof declined;

/** Another service on the bus that owns every shard of focus and answers as the test says. */
export function serveFocus(
  bus: Bus,
  answer: (command: focus.FocusCommand) => FocusAnswer | Promise<FocusAnswer>,
): void {
  for (let shard = 0; shard < shardCount; shard++) bus.serve(shardSubject('focus', shard), rpc.focus, answer);
}

/** The same for notification. */
export function serveNotification(
  bus: Bus,
  answer: (command: notification.NotificationCommand) => notification.NotificationReply,
): void {
  for (let shard = 0; shard < shardCount; shard++)
    bus.serve(shardSubject('notification', shard), rpc.notification, answer);
}
