// @ts-check
// The server: calls with the token of the address, and the stream of states.

/** @typedef {{kind: string, what: string, where?: string, found?: string, expected?: string, help?: string}} Problem */

const KEY = 'athanor-token';
const TOKEN_HEADER = 'X-Athanor-Token';

const fromAddress = location.hash.slice(1);
if (fromAddress) {
  sessionStorage.setItem(KEY, fromAddress);
  history.replaceState(null, '', location.pathname);
}

// Somebody who comes without the token, and then opens the whole address in the same tab.
addEventListener('hashchange', () => location.hash.length > 1 && location.reload());

const token = () => sessionStorage.getItem(KEY) ?? '';

/** @type {(what: string) => Problem} */
const lost = what => ({ kind: 'NETWORK', what, help: 'see whether the terminal window of Athanor is still open' });

/**
 * Does something. Throws a Problem.
 * @param {string} what the last part of the path
 * @param {object} [fields]
 * @returns {Promise<any>}
 */
export async function post(what, fields = {}) {
  /** @type {Response} */
  let answer;
  try {
    answer = await fetch(`api/${what}`, {
      method: 'POST',
      headers: { [TOKEN_HEADER]: token(), 'Content-Type': 'application/json' },
      body: JSON.stringify(fields),
    });
  } catch {
    throw lost('Athanor does not answer');
  }
  const text = await answer.text();
  if (answer.ok) return JSON.parse(text);
  try {
    throw_(JSON.parse(text));
  } catch (e) {
    throw e && /** @type {any} */ (e).what ? e : lost(text.trim() || `Athanor answered ${answer.status}`);
  }
}

/** @param {any} problem @returns {never} */
function throw_(problem) {
  throw problem;
}

/** Asks for something. @param {string} what @returns {Promise<any>} */
export async function get(what) {
  const answer = await fetch(`api/${what}`, { headers: { [TOKEN_HEADER]: token() } });
  return answer.ok ? answer.json() : null;
}

const wait = (/** @type {number} */ ms) => new Promise(done => setTimeout(done, ms));

/**
 * Follows the state until `signal` ends it; a connection that breaks is made again.
 * @param {(state: any) => void} onState
 * @param {(link: 'open' | 'lost' | 'stranger') => void} onLink
 * @param {AbortSignal} signal
 */
export async function follow(onState, onLink, signal) {
  for (let pause = 1000; !signal.aborted; pause = Math.min(2 * pause, 8000)) {
    try {
      const answer = await fetch('api/events', { headers: { [TOKEN_HEADER]: token() }, signal });
      if (answer.status === 401) return onLink('stranger');
      if (!answer.ok || !answer.body) throw new Error();
      onLink('open');
      pause = 500;
      await read(answer.body, onState);
    } catch {
      // Said below.
    }
    if (signal.aborted) return;
    onLink('lost');
    await wait(pause);
  }
}

/** @param {ReadableStream<Uint8Array>} body @param {(state: any) => void} onState */
async function read(body, onState) {
  const reader = body.pipeThrough(/** @type {any} */ (new TextDecoderStream())).getReader();
  for (let text = ''; ; ) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
      const data = text.slice(0, end).split('\n').find(line => line.startsWith('data: '));
      if (data) onState(JSON.parse(data.slice(6)));
    }
  }
}
