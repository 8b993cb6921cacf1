import { join } from 'node:path';
import type { Secret } from '../data/secret-file.ts';
import { demoAccounts } from '../demo-accounts.ts';
import { isLoopback } from '../loopback.ts';
import type { KnownPorts, PortName } from '../ports.ts';
import { usesDemoAccounts } from '../service-environment.ts';
import type { LauncherSettings } from '../settings.ts';

type Row = readonly [label: string, value: string];

/** What `npm start` prints when everything accepts: addresses, accounts and what to try next; ends in a newline. */
export function addressTable(settings: LauncherSettings, ports: KnownPorts, adminToken: Secret | undefined): string {
  const rows = [...addresses(settings, ports), ['', ''] as const, ...access(settings, adminToken)];
  const width = Math.max(...rows.map(([label]) => label.length));
  const lines = rows.map(([label, value]) => (label === '' ? '' : `  ${label.padEnd(width)}  ${value}`));
  return [`Parley serves ${settings.domain}`, '', ...lines, '', ...suggestions(settings, ports), '', ''].join('\n');
}

function addresses({ host, natsUrl }: LauncherSettings, ports: KnownPorts): readonly Row[] {
  const authority = host.includes(':') ? `[${host}]` : host;
  const row = (label: string, name: PortName, scheme: string, rest = ''): readonly Row[] =>
    ports[name] === undefined ? [] : [[label, `${scheme}${authority}:${ports[name]}${rest}`]];
  return [
    ...row('SIP over UDP and TCP', 'sip', 'sip:'),
    ...row('SIP over TLS', 'sips', 'sips:'),
    ...row('SIP over WebSocket', 'sipWs', 'ws://', '/'),
    ...row('MSRP over TCP', 'msrp', 'msrp://'),
    ...row('MSRP over TLS', 'msrps', 'msrps://'),
    ...row('MSRP over WebSocket', 'msrpWs', 'ws://', '/'),
    ...row('Web client and API', 'http', 'http://', '/'),
    ...(natsUrl === undefined ? ([['NATS (private)', `127.0.0.1:${String(ports.nats)}`]] as const) : []),
  ];
}

function access(settings: LauncherSettings, adminToken: Secret | undefined): readonly Row[] {
  const names = demoAccounts.map(([name]) => name).join(', ');
  const accounts: Row = usesDemoAccounts(settings)
    ? ['Demo accounts', `${names}; the password of each is "${demoAccounts[0]?.[1] ?? ''}"`]
    : ['Accounts', settings.users === undefined ? 'none yet: npx parley user add NAME' : 'those of PARLEY_USERS'];
  return [accounts, ...tokenRow(settings, adminToken)];
}

/** The token is shown once, where only this machine's owner sees it; later on its file is named. */
function tokenRow({ host, dataDir }: LauncherSettings, adminToken: Secret | undefined): readonly Row[] {
  if (adminToken === undefined) return [];
  const file = join(dataDir, 'admin-token');
  return [
    ['Admin token', adminToken.isNew && isLoopback(host) ? `${adminToken.value} (kept in ${file})` : `in ${file}`],
  ];
}

function suggestions(settings: LauncherSettings, ports: KnownPorts): readonly string[] {
  const { domain, chatDomain } = settings;
  const web = ports.http === undefined ? [] : [`  open http://${settings.host}:${ports.http}/`];
  if (!usesDemoAccounts(settings)) return ['Try next', ...web, '  npx parley doctor'];
  return [
    'Try next',
    ...web,
    `  npx parley send --from alice --password secret sip:bob@${domain} 'Hello, Bob'`,
    `  npx parley chat --from alice --password secret sip:lobby@${chatDomain}`,
  ];
}
