import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { runningConsole } from '../fixtures/running-console.ts';

const sha256 = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

describe('the status page', () => {
  it('allows exactly the style and the script that are in it, and no other origin', async () => {
    await using running = await runningConsole();
    const response = await fetch(`${running.url}/`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const policy = response.headers.get('content-security-policy')?.split('; ') ?? [];
    const text = await response.text();
    const style = /<style>([^]*?)<\/style>/.exec(text)?.[1] ?? '';
    const script = /<script>([^]*?)<\/script>/.exec(text)?.[1] ?? '';
    expect(style).toContain('--ink');
    expect(script).toContain('sessionStorage');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`style-src ${sha256(style)}`);
    expect(policy).toContain(`script-src ${sha256(script)}`);
    expect(policy).toContain("connect-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
  });

  it('needs nothing from anywhere else, and puts no text in as markup', async () => {
    await using running = await runningConsole();
    const text = await (await fetch(`${running.url}/`)).text();
    expect(text).not.toMatch(/https?:\/\/|src=|@import|url\(/);
    expect(text).not.toMatch(/innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b/);
  });

  it('says nothing of the installation without the token', async () => {
    await using running = await runningConsole();
    const before = await (await fetch(`${running.url}/`)).text();
    await running.call('POST', '/users', { name: 'secretive', password: 'p' });
    expect(await (await fetch(`${running.url}/`)).text()).toBe(before);
  });

  it('answers HEAD with the header of GET', async () => {
    await using running = await runningConsole();
    const response = await fetch(`${running.url}/`, { method: 'HEAD' });
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(1000);
    expect(await response.text()).toBe('');
  });
});
