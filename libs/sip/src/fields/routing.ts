import type { NameAddr } from '../grammar/name-addr.ts';
import { scanNameAddr, serialiseNameAddr } from '../grammar/name-addr.ts';
import type { Scanner } from '../grammar/scanner.ts';
import type { HeaderDefinition } from '../header-definition.ts';
import { list } from './define.ts';

const inBrackets = (s: Scanner): NameAddr => scanNameAddr(s, true);

/** Proxies the request has to pass. @spec RFC 3261 §20.34 */
export const route: HeaderDefinition<NameAddr> = list('Route', inBrackets, serialiseNameAddr);

/** Proxies that want to see the requests of the dialog. @spec RFC 3261 §20.30 */
export const recordRoute: HeaderDefinition<NameAddr> = list('Record-Route', inBrackets, serialiseNameAddr);

/** Proxies on the way from the registrar to the binding. @spec RFC 3327 §4 */
export const path: HeaderDefinition<NameAddr> = list('Path', inBrackets, serialiseNameAddr);

/** Route set that the registrar gives for outgoing requests. @spec RFC 3608 §5 */
export const serviceRoute: HeaderDefinition<NameAddr> = list('Service-Route', inBrackets, serialiseNameAddr);
