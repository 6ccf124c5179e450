// @ts-check
// Tokens: whether there is one, and a field to give one. It is sent once and never comes back.
import { useId, useState } from 'preact/hooks';
import { Mark, ProblemBox, html, useAction } from './parts.js';

/** @type {Record<string, string>} */
const PAGES = {
  hf: 'huggingface.co → Settings → Access Tokens',
  civitai: 'civitai.com → Account settings → API Keys',
};

/** @param {{token: {service: string, label: string, present: boolean}}} props */
export function Login({ token }) {
  const [text, setText] = useState('');
  const action = useAction();
  const id = useId();
  const save = async (/** @type {Event} */ event) => {
    event.preventDefault();
    await action.run('login', { service: token.service, token: text });
    setText('');
  };
  return html`
    <form class="login" onSubmit=${save}>
      <p>
        <strong>${token.label}</strong>${' '}
        ${token.present
          ? html`<${Mark} kind="good">a token is stored</${Mark}>`
          : html`<${Mark} kind="off">no token</${Mark}>`}
      </p>
      <label for=${id}>${token.present ? 'Another token' : 'Token'}
        <span class="soft"> from ${PAGES[token.service]}</span></label>
      <div class="row">
        <input id=${id} type="password" autocomplete="off" value=${text}
          onInput=${(/** @type {any} */ e) => setText(e.target.value)} />
        <button type="submit" disabled=${!text || action.busy}>${action.busy ? 'Asking …' : 'Save'}</button>
      </div>
      ${action.problem && html`<${ProblemBox} problem=${action.problem} />`}
    </form>`;
}
