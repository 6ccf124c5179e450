// @ts-check
// Step 1: links, files, a prompt, a recipe.
import { useState } from 'preact/hooks';
import { Login } from './login.js';
import { ProblemBox, Step, html, useAction } from './parts.js';
import { Picker } from './picker.js';
import { count } from './words.js';

/** @param {{state: any}} props */
export function Paste({ state }) {
  const [text, setText] = useState('');
  const [picking, setPicking] = useState(false);
  const action = useAction();
  const add = async () => {
    if (text.trim() && (await action.run('paste', { text }))) setText('');
  };
  const submit = (/** @type {Event} */ event) => { event.preventDefault(); add(); };
  const key = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) add();
  };
  const says = state.items.length ? `${count(state.items.length, 'file')} here.` : 'Begin here: a base model and one or more LoRAs.';
  return html`
    <${Step} id="paste" number=${1} title="Paste" says=${says}>
      <form onSubmit=${submit}>
        <label for="text">Links from Civitai or Hugging Face, files, a prompt or a recipe, one a line</label>
        <textarea id="text" rows="4" spellcheck="false" autocomplete="off" value=${text}
          placeholder=${'https://civitai.com/models/…\n/home/me/loras/ink.safetensors\n<lora:pixel:0.6>'}
          onInput=${(/** @type {any} */ e) => setText(e.target.value)} onKeyDown=${key}></textarea>
        <p class="buttons">
          <button type="submit" class="first" disabled=${!text.trim() || action.busy}>
            ${action.busy ? 'Adding …' : 'Add'}
          </button>
          <button type="button" onClick=${() => setPicking(true)}>Choose files …</button>
        </p>
      </form>
      ${action.problem && html`<${ProblemBox} problem=${action.problem} />`}
      ${state.notes.map((/** @type {string} */ note) => html`<p class="soft">${note}</p>`)}
      <details>
        <summary>Tokens for downloads and sharing</summary>
        ${state.tokens.map((/** @type {any} */ token) => html`<${Login} key=${token.service} token=${token} />`)}
      </details>
      ${picking && html`<${Picker} onClose=${() => setPicking(false)} />`}
    </${Step}>`;
}
