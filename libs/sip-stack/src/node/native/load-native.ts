import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { nativeFile, nativeFolder } from './native-file.ts';
import type { NativeSockets } from './native-sockets.ts';

/** Whether to use the add-on: when it is there, never, or not to start without it. */
export type NativeChoice = 'auto' | 'off' | 'required';

/** The add-on, or why there is none. */
export interface LoadedNative {
  readonly native: NativeSockets | undefined;
  readonly reason: string;
}

/**
 * Loads the add-on that `build-native.ts` made.
 *
 * @throws Error when it is required and cannot be had
 */
export function loadNative(choice: NativeChoice): LoadedNative {
  const loaded = choice === 'off' ? { native: undefined, reason: 'switched off' } : loadFrom(nativeFolder());
  if (choice === 'required' && loaded.native === undefined) {
    throw new Error(`expected the native sockets, which are required: ${loaded.reason}`);
  }
  return loaded;
}

/** Loads from a folder. */
export function loadFrom(folder: string): LoadedNative {
  const file = join(folder, nativeFile);
  if (!existsSync(file))
    return { native: undefined, reason: 'not built: no Linux, or no C compiler at the first start' };
  try {
    // The folder is named after the sources that this interface describes.
    return { native: createRequire(import.meta.url)(file) as NativeSockets, reason: '' };
  } catch (error) {
    return { native: undefined, reason: error instanceof Error ? error.message : String(error) };
  }
}
