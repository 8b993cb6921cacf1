import { describe, expect, it, vi } from 'vitest';
import { ensureNative } from '../../.config/setup/native.mjs';

/** Builds as told, and notes what was said. */
async function build(result: { readonly ok: boolean; readonly output: string }) {
  const said: string[] = [];
  const ran: string[] = [];
  const run = (_node: string, args: readonly string[]): Promise<typeof result> => {
    ran.push(...args);
    return Promise.resolve(result);
  };
  await ensureNative('/parley', 'node', (line: string) => said.push(line), run);
  return { said, ran };
}

// Elsewhere there is nothing to build.
if (process.platform === 'linux') {
  describe('building the native sockets', () => {
    it('says nothing when they are there', async () => {
      const { said, ran } = await build({ ok: true, output: '' });
      expect(ran).toEqual([expect.stringMatching(/^\/parley\/libs\/sip-stack\/.*build-native\.ts$/)]);
      expect(said).toEqual([]);
    });

    it('goes on without them, and says why in one line', async () => {
      const { said } = await build({ ok: false, output: 'there is no C compiler\n' });
      expect(said).toEqual([expect.stringMatching(/which cost more: there is no C compiler$/)]);
    });

    it('is left out where they are switched off', async () => {
      vi.stubEnv('PARLEY_NATIVE_SOCKETS', 'off');
      const { ran } = await build({ ok: true, output: '' });
      vi.unstubAllEnvs();
      expect(ran).toEqual([]);
    });
  });
}
