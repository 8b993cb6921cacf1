import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { connect } from 'node:net';
import { resolve } from 'node:path';
import { uriHost } from '@parley/service';
import type { ParleySettings } from '@parley/service';
import { isSipUri, parameterText, parseUri } from '@parley/sip';
import type { SipServer } from '@parley/ua/node';
import { localHost } from '../api/find-api.ts';
import { runningPorts } from '../api/running-installation.ts';
import { CommandError, exitCode, usageError } from '../exit-code.ts';

/** Milliseconds that a connection may take to come about. */
const patience = 5_000;

/**
 * The server that takes our messages: the one that is named, or else the installation here.
 *
 * @param named - a SIP URI with port and transport, such as sip:192.0.2.1:5060;transport=tcp
 * @throws CommandError when it is no such URI, or its name is not known
 */
export async function sipServer(settings: ParleySettings, named: string | undefined): Promise<SipServer> {
  if (named === undefined) {
    const port = runningPorts(resolve(settings.dataDir))?.sip ?? settings.sipPort;
    return { protocol: 'TCP', address: withoutBrackets(localHost(settings)), port };
  }
  const uri = parseUri(named);
  if (!uri.ok || !isSipUri(uri.value)) throw usageError('--server: expected a URI such as sip:192.0.2.1:5060');
  const { scheme, host, port, parameters } = uri.value;
  const transport = parameterText(parameters, 'transport') ?? 'tcp';
  const protocol = scheme === 'sips' ? 'TLS' : transport.toUpperCase();
  if (protocol !== 'UDP' && protocol !== 'TCP' && protocol !== 'TLS') {
    throw usageError('--server: expected the transport udp, tcp or tls');
  }
  const name = withoutBrackets(host);
  return {
    protocol,
    address: await addressOf(name),
    port: port ?? (protocol === 'TLS' ? 5061 : 5060),
    serverName: name,
  };
}

/** Finds out whether anybody is there, which an answer to a request does not tell. @throws CommandError when not */
export async function requireServer({ protocol, address, port }: SipServer): Promise<void> {
  if (protocol === 'UDP') return;
  const socket = connect({ host: address, port });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(patience) });
  } catch (cause) {
    const message = `nobody takes SIP at ${uriHost(address)}:${port}; is npm start running? --server says where`;
    throw new CommandError(exitCode.unreachable, 'unreachable', message, { cause });
  } finally {
    socket.destroy();
  }
}

async function addressOf(name: string): Promise<string> {
  try {
    return (await lookup(name)).address;
  } catch (cause) {
    throw new CommandError(exitCode.unreachable, 'unreachable', `${name} has no address`, { cause });
  }
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}
