import type { BindingEnd, BindingEvent } from '../location/binding-book.ts';
import type { Binding } from '../registrar/binding.ts';
import type { Gruus } from '../registrar/gruus.ts';
import type { ContactEventName, ContactInfo } from './reginfo.ts';

const ends: Readonly<Record<BindingEnd, ContactEventName>> = {
  unregistered: 'unregistered',
  expired: 'expired',
  // The device may come back at once over another flow.
  'flow lost': 'deactivated',
  'account removed': 'rejected',
};

/** What a subscriber has not been told yet: of each binding the last that happened. @spec RFC 3680 §4.7.2 */
export type News = ReadonlyMap<string, BindingEvent>;

/** No news; shared. */
export const noNews: News = new Map();

/** News with one event more. What came and went untold, is told as gone: the subscriber may know of it from a full document. */
export function withEvent(news: News, event: BindingEvent): News {
  const before = news.get(event.binding.key);
  const isStillNew = before?.kind === 'registered' && event.kind === 'refreshed';
  return new Map(news).set(event.binding.key, isStillNew ? { ...event, kind: 'registered' } : event);
}

/** What is needed to tell of a binding. */
export interface Telling {
  readonly account: string;
  readonly gruus: Pick<Gruus, 'publicFor' | 'temporaryFor'>;
  /** Wall time in milliseconds. */
  readonly now: number;
}

/** An event as a document tells it. @spec RFC 3680 §5.1, RFC 5628 §5 */
export function contactInfo({ kind, binding }: BindingEvent, { account, gruus, now }: Telling): ContactInfo {
  const { key, contact, callId, cSeq, registeredAt, expiresAt, series } = binding;
  const isActive = kind === 'registered' || kind === 'refreshed';
  const common = { id: key, contact, callId, cSeq, duration: secondsBetween(registeredAt, now) };
  if (!isActive) return { ...common, event: ends[kind], expires: undefined };
  const told = { ...common, event: kind, expires: secondsBetween(now, expiresAt) };
  const uri = gruus.temporaryFor(account, binding);
  if (contact.instance === undefined || series === undefined || uri === undefined) return told;
  return {
    ...told,
    pubGruu: gruus.publicFor(account, contact.instance),
    tempGruu: { uri, firstCSeq: series.cSeq },
  };
}

/** A binding as a document of the whole state tells it. */
export function standing(binding: Binding): BindingEvent {
  return { kind: binding.refreshedAt > binding.registeredAt ? 'refreshed' : 'registered', binding };
}

function secondsBetween(from: number, to: number): number {
  return Math.max(0, Math.floor((to - from) / 1000));
}
