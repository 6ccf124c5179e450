// @ts-check
// The page: five steps in one column, drawn from the state that the server sends.
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { follow, post } from './api.js';
import { Bake } from './bake.js';
import { Check } from './check.js';
import { Mix } from './mix.js';
import { html } from './parts.js';
import { Paste } from './paste.js';
import { Share } from './share.js';

const STEPS = [['paste', 'Paste'], ['check', 'Check'], ['mix', 'Mix'], ['bake', 'Bake'], ['share', 'Share']];

const Stranger = () => html`
  <main><h1>Athanor</h1>
    <p>This page needs the whole address that Athanor printed, with everything behind the <code>#</code>.
      Copy it from the terminal window and open it here.</p></main>`;

function App() {
  const [state, setState] = useState(/** @type {any} */ (null));
  const [link, setLink] = useState('');
  const [ended, setEnded] = useState(false);
  useEffect(() => {
    let leaving = new AbortController();
    // A hidden page keeps no connection: browsers allow few to one server.
    const look = () => {
      leaving.abort();
      leaving = new AbortController();
      if (!document.hidden) follow(setState, setLink, leaving.signal);
    };
    look();
    document.addEventListener('visibilitychange', look);
    return () => {
      leaving.abort();
      document.removeEventListener('visibilitychange', look);
    };
  }, []);
  if (link === 'stranger') return html`<${Stranger} />`;
  if (ended) return html`<main><h1>Athanor</h1><p role="status">Athanor has ended. You can close this page.</p></main>`;
  if (!state) return html`<p class="wait" role="status">Athanor is opening …</p>`;
  const end = () => post('end').then(() => setEnded(true), () => setEnded(true));
  const working = state.jobs.some((/** @type {any} */ job) => job.state === 'running' || job.state === 'waiting');
  return html`
    <header class="top">
      <h1>Athanor</h1>
      <nav aria-label="Steps"><ol>
        ${STEPS.map(([id, name]) => html`<li><a href=${`#${id}`} onClick=${(/** @type {Event} */ e) => go(e, id)}>${name}</a></li>`)}
      </ol></nav>
    </header>
    ${link === 'lost' && html`<p class="lost" role="alert">Athanor does not answer. This page connects again by itself; if the terminal window of Athanor was closed, start it again and open the new address. Nothing half-written is left, and downloads go on where they stopped.</p>`}
    <main>
      <${Paste} state=${state} />
      <${Check} state=${state} />
      <${Mix} state=${state} />
      <${Bake} state=${state} />
      <${Share} state=${state} />
    </main>
    <footer>
      <p class="soft">Everything happens on this computer. Closing this page changes nothing: open its address again.</p>
      <button type="button" class="plain" onClick=${end}>${working ? 'Cancel all and end Athanor' : 'End Athanor'}</button>
    </footer>`;
}

/** The address stays as it is: what stands behind # there is the password. @param {Event} event @param {string} id */
function go(event, id) {
  event.preventDefault();
  const step = document.getElementById(id);
  step?.scrollIntoView();
  /** @type {HTMLElement | null | undefined} */ (step?.querySelector('textarea, input, button, summary, a'))?.focus({ preventScroll: true });
}

const page = document.getElementById('page');
if (page) {
  page.replaceChildren();
  render(html`<${App} />`, page);
}
