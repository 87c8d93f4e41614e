// What this browser keeps by itself. Storage may be full or forbidden: then nothing is kept, and
// nothing breaks.
const KEY = 'koppel';

export function kept(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

// False when it could not be kept.
export function keep(key, value) {
  try {
    if (value === null || value === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

export function keptKeys(prefix) {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  } catch {
    return [];
  }
}

// Small choices of this browser: theme, language, shortcuts. early.js reads the same entry.
export const choice = (name) => (kept(KEY) ?? {})[name];
export const choose = (name, value) => keep(KEY, { ...kept(KEY), [name]: value });
