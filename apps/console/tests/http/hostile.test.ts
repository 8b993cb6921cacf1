import { describe, expect, it } from 'vitest';
import { sendBroken } from '../fixtures/broken-requests.ts';
import { runningConsole, token } from '../fixtures/running-console.ts';

describe('an API under broken requests', () => {
  it('answers each as the client’s fault, or not at all, and goes on', { timeout: 60_000 }, async () => {
    await using console = await runningConsole();
    expect(await sendBroken(Number(new URL(console.url).port), token, 600, 9110)).toEqual([]);
    expect((await console.call('GET', '/users')).status).toBe(200);
    expect((await fetch(`${console.url}/healthz`)).status).toBe(200);
  });
});
