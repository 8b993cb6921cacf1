import { resolve } from 'node:path';
import { isLoopback, isUnspecified, uriHost } from '@parley/service';
import type { ParleySettings } from '@parley/service';
import type { RunningPorts } from './running-installation.ts';
import { runningPorts, storedToken } from './running-installation.ts';

/** Where the API is, and what opens it. */
export interface ApiAddress {
  /** Without a slash at its end. */
  readonly url: string;
  readonly token: string | undefined;
}

/** Finds the API: as the settings say, or else as the data directory of a running `npm start` says. */
export function findApi(settings: ParleySettings): ApiAddress {
  const path = resolve(settings.dataDir);
  const running = runningPorts(path);
  const isHere = !settings.urlGiven && running?.http !== undefined;
  const url = isHere ? `http://${localHost(settings)}:${running.http}` : settings.url.replace(/\/+$/, '');
  const mayHaveToken = isHere || isInstallation(url, running);
  return { url, token: settings.adminToken ?? (mayHaveToken ? storedToken(path) : undefined) };
}

/** The address at which this machine reaches its own listeners, ready for a URL. */
export function localHost({ host }: ParleySettings): string {
  if (isUnspecified(host)) return host === '::' ? '[::1]' : '127.0.0.1';
  return uriHost(host);
}

/** A token found on this disk goes to the installation that it belongs to and nowhere else. */
function isInstallation(url: string, running: RunningPorts | undefined): boolean {
  const { hostname, port } = new URL(url);
  return isLoopback(hostname.replace(/^\[|\]$/g, '')) && running?.http === Number(port);
}
