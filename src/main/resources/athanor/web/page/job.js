// @ts-check
// A job in the queue: how far it is, what came out.
import { Do, Mark, ProblemBox, html } from './parts.js';
import { size, time } from './words.js';

/** @type {Record<string, any>} */
const STATES = {
  waiting: ['busy', 'waiting'],
  running: ['busy', 'running'],
  done: ['good', 'done'],
  failed: ['bad', 'failed'],
  cancelled: ['off', 'cancelled'],
};

/** @type {Record<string, string>} */
const STAGES = {
  finding: 'Finding the files',
  hashing: 'Reading the files',
  downloading: 'Downloading',
  making: 'Merging',
  publishing: 'Publishing',
};

/** Whether a job is not over. @param {any} job */
export const isOpen = job => job.state === 'waiting' || job.state === 'running';

/** How far it is, in words. @param {any} job */
export function advance(job) {
  const at = job.progress;
  const stage = STAGES[job.stage] ?? 'Beginning';
  if (!at || !at.total_bytes) return `${stage} …`;
  const share = Math.min(1, at.bytes / at.total_bytes);
  const rate = at.seconds > 0 ? at.bytes / at.seconds : 0;
  const left = rate > 0 ? `, ${size(rate)}/s, about ${time((at.total_bytes - at.bytes) / rate)} left` : '';
  return `${stage}: ${Math.floor(100 * share)} %${share < 1 ? left : ''}`;
}

/** @param {{job: any, children?: any}} props */
export function Job({ job, children }) {
  const [kind, word] = STATES[job.state];
  const at = job.progress;
  return html`
    <li>
      <div class="head"><span class="name">${job.title}</span><${Mark} kind=${kind}>${word}</${Mark}></div>
      ${job.state === 'running' && html`
        <progress max="1" value=${at?.total_bytes ? at.bytes / at.total_bytes : undefined}
          aria-label=${`Progress of ${job.title}`}></progress>
        <p class="soft">${advance(job)}</p>`}
      ${isOpen(job) && html`<p class="buttons"><${Do} what="cancel" fields=${{ job: job.id }}
        label=${`Cancel: ${job.title}`}>Cancel</${Do}></p>`}
      ${job.state === 'cancelled' && html`<p>Cancelled: ${job.leftover}.</p>`}
      ${job.problem && html`<${ProblemBox} problem=${job.problem} />`}
      ${job.state === 'done' && children}
      ${job.warnings.length > 0 && !isOpen(job) && html`
        <details><summary>Remarks</summary><ul>${job.warnings.map((/** @type {string} */ text) => html`<li>${text}</li>`)}</ul></details>`}
    </li>`;
}
