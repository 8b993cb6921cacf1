import type { ContactPreference, SipRequest } from '@parley/sip';
import { field, read, readAll, readRaw } from '@parley/sip';
import type { Binding } from './binding.ts';
import type { FeatureSet, FeatureValue } from './feature-set.ts';
import { canMeet, featuresIn, featuresOf } from './feature-set.ts';

/** A binding that the caller would reach, and how much it would like to: 0 to 1. */
export interface Preferred {
  readonly binding: Binding;
  readonly score: number;
}

/** One Accept-Contact. */
interface Wish {
  readonly features: FeatureSet;
  readonly require: boolean;
  readonly explicit: boolean;
}

interface Preferences {
  readonly wishes: readonly Wish[];
  readonly unwanted: readonly FeatureSet[];
  /** Whether the caller said so; else they follow from the request itself. */
  readonly explicit: boolean;
}

/**
 * The bindings that a request may go to, by what its sender says of devices and devices say of themselves. Bindings that
 * say nothing are always among them; where no other preference is said, the method and the event package are one, unless
 * nobody would be left.
 *
 * @spec RFC 3841 §7.2
 */
export function preferredBindings(request: SipRequest, bindings: readonly Binding[]): readonly Preferred[] {
  if (isIndifferent(request, bindings)) return bindings.map(indifferent);
  const preferences = preferencesOf(request);
  const preferred = bindings.flatMap((binding) => {
    const score = scoreOf(featuresOf(binding.contact), preferences);
    return score === undefined ? [] : [{ binding, score }];
  });
  return preferred.length > 0 || preferences.explicit ? preferred : bindings.map(indifferent);
}

/** Whether it is clear at a glance that every binding is as good as any other. */
export function isIndifferent(request: SipRequest, bindings: readonly Binding[]): boolean {
  return (
    bindings.every(({ isSilent }) => isSilent) || (bindings.every(({ isPlain }) => isPlain) && !hasPreferences(request))
  );
}

/** Whether the contact says of itself that it does not take a method. @spec RFC 3840 §10.8, RFC 3841 §7.2.2.1 */
export function lacksMethod({ contact }: Pick<Binding, 'contact'>, method: string): boolean {
  if (!contact.parameters.has('methods')) return false;
  const methods = featuresIn(contact.parameters).get('methods');
  return methods !== undefined && !canMeet(methods, [token(method)]);
}

/** Whether the sender of a request says what it wants of a device. @spec RFC 3841 §9.2, §9.3 */
export function hasPreferences(request: SipRequest): boolean {
  return readRaw(request, 'Accept-Contact') !== undefined || readRaw(request, 'Reject-Contact') !== undefined;
}

function indifferent(binding: Binding): Preferred {
  return { binding, score: 1 };
}

/** What cannot be read is no preference. */
function preferencesOf(request: SipRequest): Preferences {
  if (!hasPreferences(request)) return { wishes: [implicitWish(request)], unwanted: [], explicit: false };
  const accept = readAll(request, field.acceptContact);
  const reject = readAll(request, field.rejectContact);
  return {
    wishes: accept.ok ? accept.value.map(wishOf) : [],
    unwanted: reject.ok ? reject.value.map(({ parameters }) => featuresIn(parameters)) : [],
    explicit: true,
  };
}

function wishOf({ parameters }: ContactPreference): Wish {
  return {
    features: featuresIn(parameters),
    require: parameters.has('require'),
    explicit: parameters.has('explicit'),
  };
}

/** @spec RFC 3841 §7.2.2 */
function implicitWish(request: SipRequest): Wish {
  const features = new Map([['methods', [token(request.method)]]]);
  const event = request.method === 'SUBSCRIBE' ? read(request, field.event) : undefined;
  if (event?.ok === true && event.value !== undefined) features.set('events', [token(event.value.package)]);
  return { features, require: true, explicit: false };
}

function token(text: string): FeatureValue {
  return { kind: 'token', text: text.toLowerCase(), negated: false };
}

/** How well a contact fits; undefined when the request must not go there. @spec RFC 3841 §7.2.4 */
function scoreOf(contact: FeatureSet, { wishes, unwanted }: Preferences): number | undefined {
  if (contact.size === 0) return 1;
  if (unwanted.some((features) => isAll(features, contact) && isMatch(features, contact))) return undefined;
  const scores: number[] = [];
  for (const wish of wishes) {
    const isMet = isMatch(wish.features, contact);
    const share = isMet ? shareOf(wish.features, contact) : 0;
    if (wish.require && (!isMet || (wish.explicit && share < 1))) return undefined;
    if (isMet) scores.push(wish.explicit && share < 1 ? 0 : share);
  }
  return scores.length === 0 ? 0 : scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

function isMatch(features: FeatureSet, contact: FeatureSet): boolean {
  return [...features].every(([tag, values]) => canMeet(values, contact.get(tag) ?? values));
}

function isAll(features: FeatureSet, contact: FeatureSet): boolean {
  return [...features.keys()].every((tag) => contact.has(tag));
}

/** Of the features asked for, the part that the contact says anything of. */
function shareOf(features: FeatureSet, contact: FeatureSet): number {
  if (features.size === 0) return 1;
  return [...features.keys()].filter((tag) => contact.has(tag)).length / features.size;
}
