import type { ContactAddress, Parameters } from '@parley/sip';
import { parameterText } from '@parley/sip';

/** One of the values that a feature may have; `negated`: any value but that. @spec RFC 3840 §9 */
export type FeatureValue =
  /** Compared without regard to case. */
  | { readonly kind: 'token'; readonly text: string; readonly negated: boolean }
  /** Compared octet by octet. */
  | { readonly kind: 'string'; readonly text: string; readonly negated: boolean }
  | { readonly kind: 'range'; readonly least: number; readonly most: number; readonly negated: boolean };

/** Features by tag, each with its alternatives; a tag that is not there may have any value. @spec RFC 3841 §7.2.3 */
export type FeatureSet = ReadonlyMap<string, readonly FeatureValue[]>;

/** Feature tags that stand without a plus. @spec RFC 3841 §7.2.1 */
const baseTags: ReadonlySet<string> = new Set([
  'actor',
  'application',
  'audio',
  'automata',
  'class',
  'control',
  'data',
  'description',
  'duplex',
  'events',
  'extensions',
  'isfocus',
  'language',
  'methods',
  'mobility',
  'priority',
  'schemes',
  'text',
  'type',
  'video',
]);

/** The features among the parameters of a Contact, Accept-Contact or Reject-Contact. @spec RFC 3841 §7.2.1, §8 */
export function featuresIn(parameters: Parameters): FeatureSet {
  const features = new Map<string, readonly FeatureValue[]>();
  for (const name of parameters.keys()) {
    if (baseTags.has(name)) features.set(name, valuesOf(parameterText(parameters, name)));
  }
  for (const name of parameters.keys()) {
    const tag = name.slice(1);
    if (name.startsWith('+') && !features.has(tag)) features.set(tag, valuesOf(parameterText(parameters, name)));
  }
  return features;
}

/** {@link featuresIn} of a contact as registered, its instance included. @spec RFC 3841 §7.2.3 */
export function featuresOf({ parameters, instance }: ContactAddress): FeatureSet {
  const features = featuresIn(parameters);
  if (instance === undefined) return features;
  return new Map([...features, ['sip.instance', [{ kind: 'string', text: instance, negated: false }]]]);
}

const number = '([+-]?[0-9]+(?:\\.[0-9]*)?)';
const range = new RegExp(`^#(?:=${number}|>=${number}|<=${number}|${number}:${number})$`);

function valuesOf(text: string | undefined): readonly FeatureValue[] {
  if (text === undefined) return [{ kind: 'token', text: 'true', negated: false }];
  if (text.startsWith('<') && text.endsWith('>')) return [{ kind: 'string', text: text.slice(1, -1), negated: false }];
  return text.split(',').map(valueOf);
}

function valueOf(spelt: string): FeatureValue {
  const trimmed = spelt.trim();
  const negated = trimmed.startsWith('!');
  const text = negated ? trimmed.slice(1) : trimmed;
  const [, equal, least = equal, most = equal, from = least, to = most] = range.exec(text) ?? [];
  if (from === undefined && to === undefined) return { kind: 'token', text: text.toLowerCase(), negated };
  return { kind: 'range', least: bound(from, -Infinity), most: bound(to, Infinity), negated };
}

function bound(text: string | undefined, none: number): number {
  return text === undefined ? none : Number(text);
}

/** Whether some value satisfies both. @spec RFC 2533 as RFC 3841 §7.2.4 uses it */
export function canMeet(one: readonly FeatureValue[], other: readonly FeatureValue[]): boolean {
  return one.some((a) => other.some((b) => canBoth(a, b)));
}

function canBoth(a: FeatureValue, b: FeatureValue): boolean {
  if (a.negated && b.negated) return true;
  if (a.negated) return !isWithin(b, a);
  if (b.negated) return !isWithin(a, b);
  if (a.kind === 'range' && b.kind === 'range') return a.least <= b.most && b.least <= a.most;
  return a.kind === b.kind && isWithin(a, b);
}

/** Whether every value of one alternative is one of the other, negations aside. */
function isWithin(inner: FeatureValue, outer: FeatureValue): boolean {
  if (inner.kind === 'range') return outer.kind === 'range' && inner.least >= outer.least && inner.most <= outer.most;
  return outer.kind !== 'range' && inner.kind === outer.kind && inner.text === outer.text;
}
