// @ts-check
// Pieces that several steps use.
import { h } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import htm from 'htm';
import { post } from './api.js';

export const html = htm.bind(h);

/** @typedef {import('./api.js').Problem} Problem */

const MARKS = { good: '✓', bad: '✗', busy: '…', note: '!', base: '◆', off: '–' };

/** A mark with a word beside it. @param {{kind: 'good' | 'bad' | 'busy' | 'note' | 'base' | 'off', children?: any}} props */
export const Mark = ({ kind, children }) =>
  html`<span class=${`mark ${kind}`}><span aria-hidden="true">${MARKS[kind]}</span> ${children}</span>`;

/**
 * What went wrong, and what to do about it.
 * @param {{problem: Problem, children?: any}} props
 */
export const ProblemBox = ({ problem, children }) => html`
  <div class="problem">
    <p><strong>${sentence(problem.what)}</strong></p>
    ${problem.where && html`<p class="soft">${problem.where}</p>`}
    ${problem.found && html`<p>Found: ${problem.found}</p>`}
    ${problem.expected && html`<p>Expected: ${problem.expected}</p>`}
    ${problem.help && html`<p class="help">${sentence(problem.help)}</p>`}
    ${children}
  </div>`;

/** @param {string} text */
export const sentence = text => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * Something that a button does: what went wrong with it, whether it runs, and how to start it.
 * @returns {{problem: Problem | null, busy: boolean, run: (what: string, fields?: object) => Promise<boolean>, forget: () => void}}
 */
export function useAction() {
  const [problem, setProblem] = useState(/** @type {Problem | null} */ (null));
  const [busy, setBusy] = useState(false);
  return {
    problem,
    busy,
    forget: () => setProblem(null),
    run: async (what, fields) => {
      setBusy(true);
      setProblem(null);
      try {
        await post(what, fields);
        return true;
      } catch (e) {
        setProblem(/** @type {Problem} */ (e));
        return false;
      } finally {
        setBusy(false);
      }
    },
  };
}

/**
 * A button that does one thing and says what went wrong.
 * @param {{what: string, fields?: object, kind?: string, label?: string, children?: any}} props
 */
export function Do({ what, fields, kind = '', label, children }) {
  const action = useAction();
  return html`
    <button type="button" class=${kind} aria-label=${label} disabled=${action.busy}
      onClick=${() => action.run(what, fields)}>${children}</button>
    ${action.problem && html`<${ProblemBox} problem=${action.problem} />`}`;
}

/** A button that copies a text. @param {{text: string, children?: any}} props */
export function Copy({ text, children }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    const timer = done ? setTimeout(() => setDone(false), 2000) : undefined;
    return () => clearTimeout(timer);
  }, [done]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const field = document.createElement('textarea');
      field.value = text;
      document.body.append(field);
      field.select();
      document.execCommand('copy');
      field.remove();
    }
    setDone(true);
  };
  return html`<button type="button" onClick=${copy}>${done ? '✓ Copied' : children}</button>
    <span class="unseen" role="status">${done ? 'Copied' : ''}</span>`;
}

/**
 * A step of the page.
 * @param {{id: string, number: number, title: string, says: string, children?: any}} props
 */
export const Step = ({ id, number, title, says, children }) => html`
  <section id=${id} aria-labelledby=${`${id}-title`}>
    <h2 id=${`${id}-title`}><span class="number" aria-hidden="true">${number}</span> ${title}</h2>
    <p class="says" role="status">${says}</p>
    ${children}
  </section>`;

/**
 * A dialog that is open as long as it is there.
 * @param {{title: string, onClose: () => void, children?: any}} props
 */
export function Dialog({ title, onClose, children }) {
  const element = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => element.current?.showModal(), []);
  return html`
    <dialog ref=${element} aria-labelledby="dialog-title" onClose=${onClose}>
      <header>
        <h2 id="dialog-title">${title}</h2>
        <button type="button" class="plain" onClick=${() => element.current?.close()}>Close</button>
      </header>
      ${children}
    </dialog>`;
}
