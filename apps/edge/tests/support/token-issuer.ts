import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { CryptoKey } from 'jose';

/** An issuer of tokens on loopback, with its configuration and keys. */
export interface TokenIssuer extends AsyncDisposable {
  readonly url: string;
  /** Times that its keys were fetched. */
  readonly fetches: () => number;
  /** A token that lasts for some seconds; `key` forges it. */
  sign(
    claims: Readonly<Record<string, unknown>>,
    options?: { readonly seconds?: number; readonly key?: CryptoKey; readonly alg?: string },
  ): Promise<string>;
  /** Refuses to give its keys from now on, or gives them again. */
  silence(isSilent: boolean): void;
  /** Signs with another key from now on, and gives that alone. */
  rotate(): Promise<void>;
}

/** Starts an issuer; its tokens are for `localhost` unless their claims say otherwise. */
export async function startTokenIssuer(): Promise<TokenIssuer> {
  let current = await newKey('k1');
  let fetches = 0;
  let isSilent = false;
  const server = createServer((request, response) => {
    const isConfiguration = request.url === '/.well-known/openid-configuration';
    if (!isConfiguration) fetches++;
    response.statusCode = isSilent ? 503 : 200;
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(isConfiguration ? { issuer: url, jwks_uri: `${url}/keys` } : { keys: [current.jwk] }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    fetches: () => fetches,
    silence: (silent) => {
      isSilent = silent;
    },
    rotate: async () => {
      current = await newKey(`${current.jwk.kid}+`);
    },
    sign: async (claims, { seconds = 600, key = current.privateKey, alg = 'ES256' } = {}) => {
      const now = Math.floor(Date.now() / 1000);
      return await new SignJWT({ iss: url, aud: 'localhost', iat: now, exp: now + seconds, ...claims })
        .setProtectedHeader({ alg, kid: current.jwk.kid })
        .sign(key);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function newKey(kid: string) {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' } };
}
