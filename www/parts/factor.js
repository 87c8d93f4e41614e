// Setting up the second factor: the app is shown the secret and gives a code; then come the recovery
// codes, which are shown this once.
import { post } from './api.js';
import { Field, Form, missing, Submit, useForm } from './form.js';
import { html, useEffect, useRef, useSignal } from './html.js';
import { Icon } from './icon.js';
import { Failed, Loading } from './page.js';
import { CopyText } from './show.js';
import { texts } from './text.js';
import { say } from './toast.js';
import login from '../texts/login.js';
import shell from '../texts/shell.js';

const t = texts(login);
const common = texts(shell);

const Qr = ({ path, size }) => html`<div class="qr"><svg viewBox=${`0 0 ${size} ${size}`} role="img" aria-label=${t('qr')} shape-rendering="crispEdges">
  <path d=${path} fill="#000" /></svg></div>`;

export function FactorSetup({ onDone, level = 2 }) {
  const form = useForm({ totp: '' });
  const begun = useSignal(null);
  const failed = useSignal(null);
  const heading = useRef(null);
  const begin = () => {
    failed.value = null;
    post('/session/second-factor', {}).then(({ data }) => {
      begun.value = data;
    }, (problem) => {
      failed.value = problem;
    });
  };
  useEffect(begin, []);
  useEffect(() => {
    heading.current?.focus();
  }, [begun.value]);
  const send = async (values) => {
    try {
      const { data } = await post('/session/second-factor/confirmation', { totp: values.totp.replace(/\s/g, '') });
      onDone(data.recovery_codes);
    } catch (problem) {
      if (problem.status !== 422 && problem.status !== 401) throw problem;
      form.fail({ totp: t('wrong_totp') });
    }
  };
  if (failed.value) return html`<${Failed} problem=${failed.value} retry=${begin} />`;
  if (!begun.value) return html`<${Loading} />`;
  const { secret, qr_path: path, qr_size: size } = begun.value;
  return html`<div class="stack">${html`<${`h${level}`} tabindex="-1" ref=${heading}>${t('appTitle')}</${`h${level}`}>`}<p>${t('appText')}</p>
    <p class="strong">${t('appScan')}</p><${Qr} path=${path} size=${size} />
    <p>${t('appType')}<br /><${CopyText} text=${secret.replace(/(.{4})(?=.)/g, '$1 ')} /></p>
    <${Form} form=${form} label=${t('appTitle')} onSubmit=${() => form.submit(send, (values) => missing(values, [['totp', t('appConfirm')]]))}>
      <${Field} form=${form} name="totp" label=${t('appConfirm')} hint=${t('appConfirmHint')} kind="code" size="8" maxlength="8" />
      <${Submit} form=${form}>${t('appSubmit')}</${Submit}></${Form}></div>`;
}

export function RecoveryCodes({ codes, onDone, level = 2, finish }) {
  const form = useForm({ kept: false });
  const heading = useRef(null);
  useEffect(() => {
    heading.current?.focus();
  }, []);
  const copy = () => navigator.clipboard.writeText(codes.join('\n')).then(() => say(t('copied')), () => say(common('notCopied'), 'bad'));
  return html`<div class="stack">${html`<${`h${level}`} tabindex="-1" ref=${heading}>${t('codesTitle')}</${`h${level}`}>`}<p>${t('codesText')}</p>
    <ul class="codes">${codes.map((code) => html`<li>${code}</li>`)}</ul>
    <p class="actions"><button type="button" class="button" onClick=${copy}><${Icon} name="copy" />${t('codesCopy')}</button>
      <button type="button" class="button" onClick=${() => print()}><${Icon} name="print" />${t('codesPrint')}</button></p>
    <${Form} form=${form} onSubmit=${() => form.submit(async () => onDone(), (values) => (values.kept ? {} : { kept: t('codesKeptError') }))}>
      <${Field} form=${form} name="kept" kind="checkbox" label=${t('codesKept')} />
      <${Submit} form=${form}>${finish ?? t('finish')}</${Submit}></${Form}></div>`;
}
