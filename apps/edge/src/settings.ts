import type { ParleySettings } from '@parley/service';

/** What of the settings concerns an edge. */
export type EdgeSettings = Pick<
  ParleySettings,
  | 'domain'
  | 'domainAliases'
  | 'chatDomain'
  | 'host'
  | 'publicHost'
  | 'sipPort'
  | 'sipsPort'
  | 'sipWsPort'
  | 'users'
  | 'auth'
  | 'newcomers'
  | 'maxSize'
  | 'offlineTtl'
  | 'mailboxMessages'
  | 'mailboxOctets'
  | 'listMax'
  | 'listConsent'
  | 'lease'
  | 'minExpires'
  | 'dataDir'
  | 'tls'
  | 'tlsCa'
  | 'dns'
  | 'federation'
  | 'peers'
  | 'oidc'
  | 'limits'
  | 'nativeSockets'
>;
