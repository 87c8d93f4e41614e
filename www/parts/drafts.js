// Forms that were not finished, kept on this device for their user, and no longer than they are of
// use: one for each product.
import { session } from './session.js';
import { keep, kept, keptKeys } from './storage.js';

export const DRAFT_DAYS = 14;

const prefix = () => `koppel.draft.${session.value?.user?.id ?? ''}.`;
const old = (draft) => Date.now() - new Date(draft.at).getTime() > DRAFT_DAYS * 86_400_000;

export const saveDraft = (product, values) => keep(`${prefix()}${product}`, { product, values, at: new Date().toISOString() });
export const dropDraft = (product) => keep(`${prefix()}${product}`, null);

export function draftOf(product) {
  const draft = kept(`${prefix()}${product}`);
  return draft && !old(draft) ? draft : null;
}

// The newest first; what is too old goes, whoever's it was.
export function drafts() {
  for (const key of keptKeys('koppel.draft.')) {
    const draft = kept(key);
    if (!draft?.at || old(draft)) keep(key, null);
  }
  return keptKeys(prefix()).map(kept).filter(Boolean).sort((a, b) => (a.at < b.at ? 1 : -1));
}
