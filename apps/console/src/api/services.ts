import type { common } from '@parley/contracts';
import { serviceNames } from '@parley/contracts';
import { err, ok } from '@parley/prelude';
import type { Census } from '../adapters/census.ts';
import { lackOf, requiredServices } from '../adapters/census.ts';
import { instanceView } from '../adapters/instance-view.ts';
import { busProblem } from '../http/problem.ts';
import { json } from '../http/reply.ts';
import type { ApiHandler, Route } from '../http/router.ts';

/** Which processes run: the resource `/services`. */
export function serviceRoutes(census: Census): readonly Route[] {
  const list: ApiHandler = async () => {
    const answers = await census.take();
    if (!answers.ok) return err(busProblem(answers.error, 'the services'));
    const items = answers.value.toSorted(byPlace).map(instanceView);
    const missing = requiredServices.filter((service) => lackOf(service, answers.value) !== undefined);
    return ok(json(200, { items, next: null, missing }));
  };
  return [{ path: '/services', methods: { GET: list } }];
}

function byPlace(one: common.InstanceStatus, other: common.InstanceStatus): number {
  const places: readonly string[] = serviceNames;
  return places.indexOf(one.service) - places.indexOf(other.service) || (one.instance < other.instance ? -1 : 1);
}
