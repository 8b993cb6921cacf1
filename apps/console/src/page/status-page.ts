import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Reply } from '../http/reply.ts';

const read = (name: string): string => readFileSync(new URL(`../../web/${name}`, import.meta.url), 'utf8');

/**
 * The status page: one document with its style and script in it. It says nothing by itself; its script asks the API with the
 * token that the reader gives it.
 */
export function statusPage(): Reply {
  const style = read('style.css');
  const script = read('script.js');
  const body = read('index.html')
    .replace(/(?<=<style>)\s*\/\* style \*\/\s*(?=<\/style>)/, () => style)
    .replace(/(?<=<script>)\s*\/\* script \*\/\s*(?=<\/script>)/, () => script);
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy(style, script),
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
      'permissions-policy': 'camera=(), microphone=(), geolocation=()',
    },
    body,
  };
}

/** Lets exactly this style and this script run, and the script speak with this origin alone. */
function policy(style: string, script: string): string {
  return [
    "default-src 'none'",
    `style-src '${hashOf(style)}'`,
    `script-src '${hashOf(script)}'`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ');
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
