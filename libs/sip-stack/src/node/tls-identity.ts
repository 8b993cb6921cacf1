import { createPrivateKey, X509Certificate } from 'node:crypto';
import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { Cancel } from '@parley/prelude';

/** PEM files of a TLS identity. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  /** Who may vouch for peers; the system's by default. */
  readonly ca?: string;
}

/** What the files hold; fits `tls.createServer`, `tls.connect` and `setSecureContext`. */
export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
}

/** How to watch the files. */
export interface TlsWatchOptions {
  /** Milliseconds between two looks at the files; default 5000. Looking also finds the swapped links of Kubernetes. */
  readonly interval?: number;
  /** Hears of files that do not fit together or cannot be read; what was read before stays. */
  readonly onFailure?: (error: unknown) => void;
}

/** A certificate and its key that can change while connections go on with the old ones. */
export interface TlsIdentity extends Disposable {
  readonly current: TlsMaterial;
  /** Calls back with every later material. */
  onChange(listener: (material: TlsMaterial) => void): Cancel;
}

async function load(files: TlsFiles): Promise<TlsMaterial> {
  const [cert, key] = await Promise.all([readFile(files.cert, 'utf8'), readFile(files.key, 'utf8')]);
  const material = files.ca === undefined ? { cert, key } : { cert, key, ca: await readFile(files.ca, 'utf8') };
  check(material);
  return material;
}

/**
 * OpenSSL takes an empty file for no certificate at all, which a file that is just being written looks like.
 *
 * @throws Error of OpenSSL
 */
function check(material: TlsMaterial): void {
  new X509Certificate(material.cert);
  createPrivateKey(material.key);
  createSecureContext(material);
}

class WatchedIdentity implements TlsIdentity {
  current: TlsMaterial;
  readonly #listeners = new Set<(material: TlsMaterial) => void>();
  readonly #files: TlsFiles;
  readonly #onFailure: (error: unknown) => void;

  constructor(material: TlsMaterial, files: TlsFiles, options: TlsWatchOptions) {
    this.current = material;
    this.#files = files;
    this.#onFailure = options.onFailure ?? (() => {});
    const { interval = 5_000 } = options;
    for (const path of this.#paths()) watchFile(path, { interval, persistent: false }, this.#reload);
  }

  readonly #reload = (): void => {
    load(this.#files).then((material) => {
      this.current = material;
      for (const listener of this.#listeners) listener(material);
    }, this.#onFailure);
  };

  onChange(listener: (material: TlsMaterial) => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  [Symbol.dispose](): void {
    for (const path of this.#paths()) unwatchFile(path, this.#reload);
    this.#listeners.clear();
  }

  #paths(): string[] {
    return Object.values(this.#files).filter((path): path is string => typeof path === 'string');
  }
}

/**
 * Reads PEM files, and reads them again whenever one changes.
 *
 * @throws Error of the system or of OpenSSL when they cannot be used at the start
 */
export async function watchTlsFiles(files: TlsFiles, options: TlsWatchOptions = {}): Promise<TlsIdentity> {
  return new WatchedIdentity(await load(files), files, options);
}

/** An identity that never changes. */
export function fixedTlsIdentity(material: TlsMaterial): TlsIdentity {
  return { current: material, onChange: () => () => {}, [Symbol.dispose]() {} };
}
