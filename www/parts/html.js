// What every part and page draws with: templates, signals, hooks, from one place.
import { Fragment, h, render } from 'preact';
import htm from 'htm';

export const html = htm.bind(h);
export { Fragment, render };
export { batch, computed, effect, signal, untracked, useComputed, useSignal, useSignalEffect } from '@preact/signals';
export { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';

// Names of classes, those that hold.
export const classes = (...names) => names.filter(Boolean).join(' ');
