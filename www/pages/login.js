// The login page, also shown at the address of whatever was asked for, which follows after it.
import { html } from '../parts/html.js';
import { LoginForm } from '../parts/login_form.js';
import { Page } from '../parts/page.js';
import { go, place } from '../parts/router.js';
import { texts } from '../parts/text.js';
import login from '../texts/login.js';

const t = texts(login);

export default function Login() {
  const done = () => {
    if (place.value.path === '/login') go('/', { replace: true });
  };
  return html`<${Page} title=${t('title')}>
    ${place.value.path !== '/' && place.value.path !== '/login' && html`<p class="lead">${t('first')}</p>`}
    <${LoginForm} onDone=${done} />
    <p><a href="/forgotten">${t('forgotten')}</a></p></${Page}>`;
}
