// What callers build on, of an OpenAPI document: { OperationId: { 'request.product': 'string required',
// 'answer.items.id': 'string required', … } }. Texts, examples, limits and choices are no part of it.
const typeOf = (schema) => [schema.format ?? schema.type ?? (schema.const === undefined ? 'any' : 'string')].flat().join('|');

function walk(document, schema, path, shape, within) {
  if (!schema || typeof schema !== 'object') return;
  if (schema.$ref) {
    if (within.includes(schema.$ref)) return; // a tree: its branches are as its root
    const found = schema.$ref.replace(/^#\//, '').split('/').reduce((node, name) => node[name], document);
    walk(document, found, path, shape, [...within, schema.$ref]);
    return;
  }
  for (const part of [schema.oneOf, schema.anyOf, schema.allOf].flat()) walk(document, part, path, shape, within);
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const seen = field.$ref ? document.components.schemas[field.$ref.split('/').pop()] : field;
    const own = `${path}.${name}`;
    shape[own] = `${typeOf(seen)}${schema.required?.includes(name) ? ' required' : ''}`;
    walk(document, field, own, shape, within);
  }
  walk(document, schema.items, path, shape, within);
}

function shapeOf(document, operation) {
  const shape = {};
  for (const { name, in: place, schema, required } of operation.parameters ?? [])
    if (place === 'path' || place === 'query') shape[`request.${name}`] = `${typeOf(schema)}${required ? ' required' : ''}`;
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
