// The status page: asks the API every few seconds and shows what it says. All text goes in as text, never as markup.

/**
 * @typedef {{ name: string, healthy: boolean, detail: string }} Check
 * @typedef {{ service: string, instance: string, version: string, startedAt: string, ready: boolean, draining: boolean,
 *   pid: number, addresses: string[], checks: Check[] }} Instance
 * @typedef {{ contact: string, expires: string, transport: string }} Binding
 * @typedef {{ name: string, displayName: string, tel: string, bindings: Binding[] }} User
 * @typedef {{ uri: string, nickname: string, joinedAt: string }} Participant
 * @typedef {{ name: string, uri: string, policy: Record<string, unknown>, participants: Participant[] }} Room
 */

(() => {
  'use strict';

  const tokenKey = 'parley.adminToken';
  /** Milliseconds between two looks. */
  const pause = 5_000;
  /** Milliseconds that one answer may take. */
  const patience = 14_000;
  /** Items shown of a list; the rest is counted. */
  const shown = 100;

  /** @param {string} id */
  const at = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
  const field = /** @type {HTMLInputElement} */ (at('token'));

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** Rises when the token changes, so that an answer to an old question is dropped. */
  let round = 0;

  class RefusedError extends Error {}

  /**
   * An element with a class and children; strings become text.
   *
   * @param {string} tag
   * @param {string} className
   * @param {...(Node | string)} children
   */
  const element = (tag, className, ...children) => {
    const made = document.createElement(tag);
    if (className !== '') made.className = className;
    made.append(...children);
    return made;
  };

  /** @param {string} path @returns {Promise<any>} */
  const ask = async (path) => {
    const headers = { authorization: `Bearer ${sessionStorage.getItem(tokenKey) ?? ''}` };
    const response = await fetch(`/api/v1${path}`, { headers, signal: AbortSignal.timeout(patience) });
    const answer = await response.json();
    if (response.ok) return answer;
    const message = answer.error?.message ?? `status ${response.status}`;
    throw response.status === 401 ? new RefusedError(message) : new Error(message);
  };

  /** @param {string} time RFC 3339 */
  const since = (time) => {
    const seconds = Math.max(0, Math.round((Date.now() - Date.parse(time)) / 1000));
    if (seconds < 60) return `${seconds} s`;
    if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
    if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
    return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3_600)} h`;
  };

  /** @param {number} count @param {string} thing */
  const counted = (count, thing) => `${count} ${thing}${count === 1 ? '' : 's'}`;

  /** @param {string} time @param {string} text */
  const timed = (time, text) => {
    const made = element('time', '', text);
    made.setAttribute('datetime', time);
    made.title = new Date(time).toLocaleString();
    return made;
  };

  /** @param {Instance} instance @returns {[className: string, text: string]} */
  const stateOf = ({ ready, draining }) => {
    if (draining) return ['state wait', 'draining'];
    return ready ? ['state good', 'ready'] : ['state bad', 'not ready'];
  };

  /** @param {string} service @param {Instance[]} instances */
  const serviceCard = (service, instances) => {
    const title = element('div', 'title', element('h3', '', service));
    if (instances.length === 0) title.append(element('span', 'state bad', 'missing'));
    const list = element('ul', '', ...instances.map(instanceItem));
    const card = element('article', 'card', title);
    if (instances.length > 0) card.append(list);
    return card;
  };

  /** @param {Instance} instance */
  const instanceItem = (instance) => {
    const { startedAt, pid, version, addresses, checks } = instance;
    const [className, text] = stateOf(instance);
    const head = element('div', 'title', element('span', '', instance.instance), element('span', className, text));
    const item = element('li', '', head);
    const up = timed(startedAt, `up ${since(startedAt)}`);
    item.append(element('div', 'detail', up, ` · process ${pid} · ${version}`));
    for (const address of addresses) item.append(element('div', 'detail', address));
    for (const { name, healthy, detail } of checks) {
      if (!healthy) item.append(element('div', 'detail bad', `${name}: ${detail}`));
    }
    return item;
  };

  /** @param {Room} room */
  const roomCard = ({ name, uri, policy, participants }) => {
    const title = element(
      'div',
      'title',
      element('h3', '', name),
      element('span', 'count', counted(participants.length, 'participant')),
    );
    const rules = [
      policy.membersOnly === true && 'members only',
      policy.moderated === true && 'moderated',
      typeof policy.password === 'string' && policy.password !== '' && 'password',
      policy.nicknames === false && 'no nicknames',
      policy.privateMessages === false && 'no private messages',
      policy.persistent === false && 'closes when empty',
    ].filter((rule) => rule !== false);
    const card = element('article', 'card', title, element('p', 'detail', uri));
    if (rules.length > 0) card.append(element('p', 'detail', rules.join(' · ')));
    if (participants.length > 0) card.append(element('ul', '', ...participants.slice(0, shown).map(participantItem)));
    if (participants.length > shown) card.append(element('p', 'nothing', `and ${participants.length - shown} more`));
    return card;
  };

  /** @param {Participant} participant */
  const participantItem = ({ uri, nickname, joinedAt }) => {
    const name = element('strong', '', nickname === '' ? 'no nickname' : nickname);
    if (nickname === '') name.className = 'nothing';
    const detail = element('div', 'detail', `${uri} · `, timed(joinedAt, `here ${since(joinedAt)}`));
    return element('li', '', element('div', '', name), detail);
  };

  /** @param {User} user */
  const userCard = ({ name, displayName, tel, bindings }) => {
    const [className, text] = bindings.length > 0 ? ['state good', 'registered'] : ['state nothing', 'away'];
    const title = element('div', 'title', element('h3', '', name), element('span', className, text));
    const card = element('article', 'card', title);
    const more = [displayName, tel].filter((part) => part !== '').join(' · ');
    if (more !== '') card.append(element('p', 'detail', more));
    if (bindings.length > 0) card.append(element('ul', '', ...bindings.map(bindingItem)));
    return card;
  };

  /** @param {Binding} binding */
  const bindingItem = ({ contact, transport, expires }) => {
    const left = Math.max(0, Math.round((Date.parse(expires) - Date.now()) / 1000));
    const until = timed(expires, left < 120 ? `${left} s left` : `${Math.round(left / 60)} min left`);
    return element('li', 'detail', `${transport} · `, until, element('div', 'detail', contact));
  };

  /**
   * Shows one list, or why there is none.
   *
   * @param {string} id
   * @param {PromiseSettledResult<any>} outcome
   * @param {(answer: any) => Node[]} cards
   * @param {string} nothing
   */
  const showList = (id, outcome, cards, nothing) => {
    if (outcome.status === 'rejected') {
      at(`${id}-count`).textContent = '';
      at(id).replaceChildren(element('p', 'notice bad', `No answer: ${outcome.reason.message}`));
      return;
    }
    const { items, next } = outcome.value;
    at(`${id}-count`).textContent = next === null ? String(items.length) : `the first ${items.length}`;
    const made = cards(outcome.value);
    at(id).replaceChildren(made.length === 0 ? element('p', 'nothing', nothing) : element('div', 'cards', ...made));
  };

  /** @param {{ items: Instance[], missing: string[] }} answer */
  const serviceCards = ({ items, missing }) => {
    const names = [...new Set([...items.map(({ service }) => service), ...missing])];
    return names.map((name) =>
      serviceCard(
        name,
        items.filter(({ service }) => service === name),
      ),
    );
  };

  /** Those who are there come first. @param {{ items: User[] }} answer */
  const userCards = ({ items }) => {
    const here = items.filter(({ bindings }) => bindings.length > 0);
    const away = items.filter(({ bindings }) => bindings.length === 0);
    return [...here, ...away].map(userCard);
  };

  /** @param {PromiseSettledResult<any>} services */
  const showSummary = (services) => {
    const missing = services.status === 'fulfilled' ? services.value.missing : undefined;
    const trouble = at('trouble');
    trouble.hidden = missing === undefined || missing.length === 0;
    trouble.textContent = trouble.hidden ? '' : `Not working: ${missing.join(', ')}`;
    at('summary').textContent = `${location.host} · ${new Date().toLocaleTimeString()}`;
  };

  const look = async () => {
    const mine = ++round;
    clearTimeout(timer);
    const [services, rooms, users] = await Promise.allSettled([
      ask('/services'),
      ask(`/rooms?limit=${shown}`),
      ask(`/users?limit=${shown}`),
    ]);
    if (mine !== round) return;
    const refused = [services, rooms, users].find(
      (outcome) => outcome.status === 'rejected' && outcome.reason instanceof RefusedError,
    );
    if (refused !== undefined) {
      leave('That token is not the one.');
      return;
    }
    at('entry').hidden = true;
    at('board').hidden = false;
    at('leave').hidden = false;
    showSummary(services);
    showList('services', services, serviceCards, 'no process answers');
    showList('rooms', rooms, ({ items }) => items.map(roomCard), 'No room is open.');
    showList('users', users, userCards, 'Nobody has an account.');
    timer = setTimeout(() => void look(), pause);
  };

  /** @param {string} complaint */
  const leave = (complaint) => {
    round++;
    clearTimeout(timer);
    sessionStorage.removeItem(tokenKey);
    for (const id of ['services', 'rooms', 'users']) at(id).replaceChildren();
    at('board').hidden = true;
    at('leave').hidden = true;
    at('entry').hidden = false;
    at('summary').textContent = location.host;
    at('complaint').textContent = complaint;
    field.value = '';
    field.focus();
  };

  at('entry').addEventListener('submit', (event) => {
    event.preventDefault();
    sessionStorage.setItem(tokenKey, field.value.trim());
    at('complaint').textContent = '';
    void look();
  });
  at('leave').addEventListener('click', () => leave(''));
  document.addEventListener('visibilitychange', () => {
    if (sessionStorage.getItem(tokenKey) === null) return;
    if (document.hidden) clearTimeout(timer);
    else void look();
  });

  if (sessionStorage.getItem(tokenKey) === null) leave('');
  else void look();
})();
