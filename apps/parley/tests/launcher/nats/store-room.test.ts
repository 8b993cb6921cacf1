import { mkdirSync, mkdtempSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { storeRoom } from '../../../src/launcher/nats/store-room.ts';

const folder = mkdtempSync(join(tmpdir(), 'store-room-'));

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('what the store of the private NATS may fill', () => {
  it('is what it has and a part of what is free, so that a restart takes nothing away', () => {
    mkdirSync(join(folder, 'store', 'msgs'), { recursive: true });
    const has = 2 ** 40; // a hole, which takes no room on the disk
    writeFileSync(join(folder, 'store', 'msgs', '1.blk'), '');
    truncateSync(join(folder, 'store', 'msgs', '1.blk'), has);
    const { blocks, bsize } = statfsSync(folder);
    expect(storeRoom(folder)).toBeGreaterThanOrEqual(has);
    expect(storeRoom(folder)).toBeLessThan(has + blocks * bsize);
  });
});
