import { join } from 'node:path';
import { isLoopback, isUnspecified, uriHost } from '@parley/service';
import type { ParleySettings } from '@parley/service';
import type { Secret } from '../data/secret-file.ts';
import { demoAccounts } from '../demo-accounts.ts';
import type { KnownPorts, PortName } from '../ports.ts';
import { usesDemoAccounts } from '../service-environment.ts';
import { hasPrivateNats } from '../settings.ts';

type Row = readonly [label: string, value: string];

/** What `npm start` prints when everything accepts: addresses, accounts and what to try next; ends in a newline. */
export function addressTable(settings: ParleySettings, ports: KnownPorts, adminToken: Secret | undefined): string {
  const rows = [...addresses(settings, ports), ['', ''] as const, ...access(settings, adminToken)];
  const width = Math.max(...rows.map(([label]) => label.length));
  const lines = rows.map(([label, value]) => (label === '' ? '' : `  ${label.padEnd(width)}  ${value}`));
  return [`Parley serves ${settings.domain}`, '', ...lines, '', ...suggestions(settings, ports), '', ''].join('\n');
}

function addresses(settings: ParleySettings, ports: KnownPorts): readonly Row[] {
  const authority = reachable(settings);
  const row = (label: string, name: PortName, scheme: string, rest = ''): readonly Row[] =>
    ports[name] === undefined ? [] : [[label, `${scheme}${authority}:${ports[name]}${rest}`]];
  return [
    ...row('SIP over UDP and TCP', 'sip', 'sip:'),
    ...row('SIP over TLS', 'sips', 'sips:'),
    ...row('SIP over WebSocket', 'sipWs', 'ws://', '/'),
    ...row('MSRP over TCP', 'msrp', 'msrp://'),
    ...row('MSRP over TLS', 'msrps', 'msrps://'),
    ...row('MSRP over WebSocket', 'msrpWs', 'ws://', '/'),
    ...row('Status page and API', 'http', 'http://', '/'),
    ...(hasPrivateNats(settings) ? ([['NATS (private)', `127.0.0.1:${String(ports.nats)}`]] as const) : []),
  ];
}

/** The address to use where the listeners bind every interface, in the form that a URI takes. */
function reachable({ host, publicHost }: ParleySettings): string {
  return uriHost(isUnspecified(host) ? publicHost : host);
}

function access(settings: ParleySettings, adminToken: Secret | undefined): readonly Row[] {
  const names = demoAccounts.map(([name]) => name).join(', ');
  const accounts: Row = usesDemoAccounts(settings)
    ? ['Demo accounts', `${names}; the password of each is "${demoAccounts[0]?.[1] ?? ''}"`]
    : ['Accounts', settings.users === undefined ? 'none yet: npx parley user add NAME' : 'those of PARLEY_USERS'];
  return [accounts, ...tokenRow(settings, adminToken)];
}

/** The token is shown once, where only this machine's owner sees it; later on its file is named. */
function tokenRow({ host, dataDir }: ParleySettings, adminToken: Secret | undefined): readonly Row[] {
  if (adminToken === undefined) return [];
  const file = join(dataDir, 'admin-token');
  return [
    ['Admin token', adminToken.isNew && isLoopback(host) ? `${adminToken.value} (kept in ${file})` : `in ${file}`],
  ];
}

function suggestions(settings: ParleySettings, ports: KnownPorts): readonly string[] {
  const { chatDomain } = settings;
  const web = ports.http === undefined ? [] : [`  open http://${reachable(settings)}:${ports.http}/`];
  if (!usesDemoAccounts(settings)) return ['Try next', ...web, '  npx parley user add NAME'];
  return [
    'Try next',
    ...web,
    '  npx parley user list',
    `  npx parley room create lobby welcome='Hello'   # a room at sip:lobby@${chatDomain}`,
    '  two clients and a first conversation: README.md',
  ];
}
