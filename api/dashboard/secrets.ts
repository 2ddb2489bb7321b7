import { html } from 'hono/html'
import type { Html } from './format.ts'

/** What a form carries besides its fields. */
export interface FormSecrets {
  /** Proof that a page of this session showed the form. */
  form: string
  /** Names this showing of the form: sent twice, it is one wish. */
  key: string
}

export const formSecrets = ({ form, key }: FormSecrets): Html =>
  html`<input type="hidden" name="form" value="${form}" /><input type="hidden" name="key" value="${key}" />`
