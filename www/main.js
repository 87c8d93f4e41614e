// The extranet's front end begins here: it learns who is logged in, then draws the shell with the
// page of the address.
import { html, render } from './parts/html.js';
import { startRouter } from './parts/router.js';
import { loadSession } from './parts/session.js';
import { Shell } from './parts/shell.js';

startRouter();
await loadSession();
const root = document.getElementById('app');
root.replaceChildren();
render(html`<${Shell} />`, root);
