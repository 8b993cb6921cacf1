import { createMemoryBroker } from '@parley/bus';
import type { MessageStream } from '@parley/bus';
import { lists, listJobSubject, streams } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import type { SipRequest } from '@parley/sip';
import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { jobToRecord } from '../../src/adapters/list-job-record.ts';
import { ListJobShard } from '../../src/actors/lists/list-job-shard.ts';
import { requestWith } from '../support/messages.ts';

const job = {
  id: 'j1',
  sender: 'alice',
  from: 'sip:alice@localhost',
  list: '',
  shared: requestWith('MESSAGE sip:list@localhost'),
  copies: [],
  settled: [],
  acceptedAt: 0,
  expiresAt: 1e15,
  messageId: '',
};

describe('The jobs of a shard', () => {
  it('are carried out whenever they are told of, also between two steps of who looks', async () => {
    for (let steps = 0; steps < 20; steps++) {
      const clock = new SimulatedClock();
      const bus = createMemoryBroker({ clock }).connect();
      const jobs = bus.stream(streams.listJobs, lists.ListJob);
      const answered = Promise.withResolvers<undefined>();
      let looks = 0;
      const next: MessageStream<lists.ListJob>['next'] = async (subject, from) => {
        const found = await jobs.next(subject, from);
        // Stored after the store was looked into, and told of while the answer is on its way.
        if (looks++ === 0) unwrap(await jobs.append(listJobSubject(0), jobToRecord(job)));
        answered.resolve(undefined);
        return found;
      };
      const means = {
        clock,
        realm: 'localhost',
        progress: bus.stream(streams.listOutcomes, lists.ListProgress),
        deliver: () => Promise.reject(new Error('nothing is to be delivered')),
        failed: () => Promise.resolve(),
        counted: () => {},
        stuck: () => {},
      };
      const watched = new Proxy(jobs, {
        get: (of, name) => (name === 'next' ? next : (Reflect.get(of, name) as () => unknown).bind(of)),
      });
      const shard = new ListJobShard(watched, means, { shard: 0, epoch: 1, isValid: () => true });
      shard.look();
      await answered.promise;
      for (let i = 0; i < steps; i++) await Promise.resolve();
      shard.look();
      await clock.run(10);
      expect(unwrap(await jobs.next(listJobSubject(0), 1)), `${steps} steps later`).toBeUndefined();
    }
  });

  it('are left to the next owner at once, also while the sender is told who gets no copy', async () => {
    const clock = new SimulatedClock();
    const bus = createMemoryBroker({ clock }).connect();
    const jobs = bus.stream(streams.listJobs, lists.ListJob);
    const settled = ['one', 'two'].map((room) => ({
      uri: `sip:${room}@chat.localhost`,
      status: 403,
      reason: 'a room',
    }));
    unwrap(await jobs.append(listJobSubject(0), jobToRecord({ ...job, settled })));
    const told: string[] = [];
    const means = {
      clock,
      realm: 'localhost',
      progress: bus.stream(streams.listOutcomes, lists.ListProgress),
      deliver: () => Promise.reject(new Error('nothing is to be delivered')),
      failed: ({ requestUri }: SipRequest) => {
        told.push(requestUri);
        return Promise.resolve();
      },
      counted: () => {},
      stuck: () => {},
    };
    const shard = new ListJobShard(jobs, means, { shard: 0, epoch: 1, isValid: () => told.length === 0 });
    shard.look();
    await clock.run(10);
    expect(told).toEqual(['sip:one@chat.localhost']);
    expect(unwrap(await jobs.next(listJobSubject(0), 1))).toBeDefined();
  });
});
