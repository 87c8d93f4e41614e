// Validates by the keywords of JSON Schema 2020-12 that a product's schema uses. A keyword that it
// does not know, and that may refuse something, fails loudly: nothing passes by being overlooked.
import { isDeepStrictEqual } from 'node:util';

const silent = new Set(['$schema', '$id', '$comment', 'title', 'description', 'examples', 'format',
  'formatMinimum', 'formatMaximum']);

const types = {
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  null: (value) => value === null,
};

const number = (test) => (limit, value) => typeof value !== 'number' || test(value, limit);
const text = (test) => (limit, value) => typeof value !== 'string' || test([...value].length, limit);
const list = (test) => (limit, value) => !Array.isArray(value) || test(value.length, limit);

const keywords = {
  type: (type, value) => types[type](value),
  const: (constant, value) => isDeepStrictEqual(constant, value),
  enum: (constants, value) => constants.some((constant) => isDeepStrictEqual(constant, value)),
  not: (schema, value) => !valid(schema, value),
  allOf: (schemas, value) => schemas.every((schema) => valid(schema, value)),
  anyOf: (schemas, value) => schemas.some((schema) => valid(schema, value)),
  oneOf: (schemas, value) => schemas.filter((schema) => valid(schema, value)).length === 1,
  if: (schema, value, whole) => valid((valid(schema, value) ? whole.then : whole.else) ?? true, value),
  then: () => true,
  else: () => true,
  minimum: number((value, limit) => value >= limit),
  maximum: number((value, limit) => value <= limit),
  exclusiveMinimum: number((value, limit) => value > limit),
  exclusiveMaximum: number((value, limit) => value < limit),
  minLength: text((length, limit) => length >= limit),
  maxLength: text((length, limit) => length <= limit),
  pattern: (pattern, value) => typeof value !== 'string' || new RegExp(pattern, 'u').test(value),
  minItems: list((length, limit) => length >= limit),
  maxItems: list((length, limit) => length <= limit),
  items: (schema, value) => !Array.isArray(value) || value.every((item) => valid(schema, item)),
  required: (names, value) => !types.object(value) || names.every((name) => Object.hasOwn(value, name)),
  properties: (schemas, value) => !types.object(value) || Object.entries(schemas)
    .every(([name, schema]) => !Object.hasOwn(value, name) || valid(schema, value[name])),
  additionalProperties: (schema, value, whole) => !types.object(value) || Object.keys(value)
    .every((name) => Object.hasOwn(whole.properties ?? {}, name) || valid(schema, value[name])),
};

export function valid(schema, value) {
  if (typeof schema === 'boolean') return schema;
  return Object.entries(schema).every(([keyword, argument]) => {
    if (keyword.startsWith('x-') || silent.has(keyword)) return true;
    if (!keywords[keyword]) throw new Error(`a keyword that is not known here: ${keyword}`);
    return keywords[keyword](argument, value, schema);
  });
}
