// What callers build on, of an OpenAPI document: { OperationId: { 'request.product': 'string maxLength=80
// required', 'answer.items.id': 'string required', 'header.If-Match': 'string', … } }: names, types,
// choices, limits, and what must be there. Texts and examples are no part of it.
const LIMITS = ['minLength', 'maxLength', 'pattern', 'minimum', 'maximum', 'minItems', 'maxItems', 'x-minimum', 'x-maximum',
  'contentEncoding', 'additionalProperties'];
const resolve = (document, node) => (node?.$ref ? node.$ref.replace(/^#\//, '').split('/').reduce((at, name) => at[name], document) : node);

// Choices of an answer stand among its examples, since there may be more later.
const choicesOf = ({ enum: all, examples, type, format, properties }) => all
  ?? (type === 'string' && !format && !properties && examples?.length > 1 ? examples : []);

function typeOf(document, reference) {
  const schema = resolve(document, reference);
  const parts = schema.type ? [] : [schema.anyOf, schema.oneOf].flat().filter(Boolean);
  if (parts.length) return parts.map((part) => typeOf(document, part)).join(' or ');
  const type = [schema.format ?? schema.type ?? (schema.const === undefined ? 'any' : 'string')].flat().join('|');
  const choices = [...choicesOf(schema), ...(schema.const === undefined ? [] : [schema.const])];
  const limits = LIMITS.filter((name) => schema[name] !== undefined).map((name) => ` ${name}=${schema[name]}`);
  const items = schema.items ? ` of ${typeOf(document, schema.items)}` : '';
  return `${type}${choices.length ? ` ${[...choices].sort().join('|')}` : ''}${limits.join('')}${items}`;
}

function walk(document, schema, path, shape, within) {
  if (!schema || typeof schema !== 'object') return;
  if (schema.$ref) {
    if (within.includes(schema.$ref)) return; // a tree: its branches are as its root
    walk(document, resolve(document, schema), path, shape, [...within, schema.$ref]);
    return;
  }
  for (const part of [schema.oneOf, schema.anyOf, schema.allOf].flat()) walk(document, part, path, shape, within);
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const own = `${path}.${name}`;
    shape[own] = `${typeOf(document, field)}${schema.required?.includes(name) ? ' required' : ''}`;
    walk(document, field, own, shape, within);
  }
  walk(document, schema.items, path, shape, within);
}

function shapeOf(document, operation) {
  const shape = {};
  for (const parameter of operation.parameters ?? []) {
    const { name, in: place, schema, required } = resolve(document, parameter);
    shape[`${place === 'header' ? 'header' : 'request'}.${name}`] = `${typeOf(document, schema)}${required ? ' required' : ''}`;
  }
  const bodies = (content) => Object.values(content ?? {}).map(({ schema }) => schema);
  for (const schema of bodies(operation.requestBody?.content)) walk(document, schema, 'request', shape, []);
  for (const [status, { content }] of Object.entries(operation.responses))
    if (/^2/.test(status)) for (const schema of bodies(content)) walk(document, schema, 'answer', shape, []);
  return shape;
}

export function apiShape(document) {
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path)).filter(({ operationId }) => operationId);
  return Object.fromEntries(operations.map((operation) => [operation.operationId, shapeOf(document, operation)])
    .sort(([a], [b]) => (a < b ? -1 : 1)));
}

// What differs between two shapes: [{ kind, operation, field, is }], the field '' for an operation as
// a whole; of one that is new or gone its fields are not named too.
export function differences(before, after) {
  const found = [];
  for (const operation of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, now] = [before[operation], after[operation]];
    if (!old || !now) {
      found.push({ kind: now ? 'added' : 'removed', operation, field: '' });
      continue;
    }
    for (const field of new Set([...Object.keys(old), ...Object.keys(now)])) {
      if (old[field] === now[field]) continue;
      found.push({ kind: !old[field] ? 'added' : now[field] ? 'changed' : 'removed', operation, field, is: `${old[field] ?? 'nothing'} → ${now[field] ?? 'nothing'}` });
    }
  }
  return found;
}

// Those that no entry of a log tells of. A field within one that is told of is told of with it.
export function untold(changes, log) {
  const tells = (entry, { kind, operation, field }) => entry.kind === kind && entry.operation === operation
    && (field === '' ? !entry.fields?.length : (entry.fields ?? []).some((name) => field === name || field.startsWith(`${name}.`)));
  return changes.filter((change) => !log.some((entry) => tells(entry, change)));
}
