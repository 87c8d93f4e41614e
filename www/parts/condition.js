// Conditions of a product's questions ("cover != \"liability\" and catalogue_value > 50000"), in the
// part of FEEL that conditions are written in: comparisons, and, or, not, in, between, plus and
// minus. A part that it does not know makes the condition unknown (undefined), and the caller falls
// back on the schema. Missing values are null, with FEEL's logic of three values.

const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|"((?:[^"\\]|\\.)*)"|([A-Za-z_]\w*)|(<=|>=|!=|\.\.|[=<>()[\],+-]))/y;
const DEPTH_MAX = 50;

function tokens(text) {
  const list = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const match = TOKEN.exec(text);
    if (!match) throw new SyntaxError(text);
    if (match[1] !== undefined) list.push({ value: Number(match[1]) });
    else if (match[2] !== undefined) list.push({ value: match[2].replace(/\\(.)/g, '$1') });
    else list.push({ word: match[3] ?? match[4] });
  }
  return list;
}

const compare = (operator, a, b) => {
  if (operator === '=' || operator === '!=') return (a === b) === (operator === '=');
  if (a === null || b === null || typeof a !== typeof b) return null;
  return { '<': a < b, '<=': a <= b, '>': a > b, '>=': a >= b }[operator];
};
const not = (value) => (typeof value === 'boolean' ? !value : null);
const both = (a, b) => (a === false || b === false ? false : a === true && b === true ? true : null);
const either = (a, b) => not(both(not(a), not(b)));

class Reader {
  constructor(text, lookup) {
    this.list = tokens(text);
    this.at = 0;
    this.depth = 0;
    this.lookup = lookup;
  }

  is(...words) {
    return words.includes(this.list[this.at]?.word);
  }

  take(word) {
    if (!this.is(word)) throw new SyntaxError(`${word} expected`);
    this.at += 1;
  }

  either() {
    this.depth += 1;
    if (this.depth > DEPTH_MAX) throw new SyntaxError('too deep');
    let value = this.both();
    while (this.is('or')) {
      this.at += 1;
      value = either(value, this.both());
    }
    this.depth -= 1;
    return value;
  }

  both() {
    let value = this.comparison();
    while (this.is('and')) {
      this.at += 1;
      value = both(value, this.comparison());
    }
    return value;
  }

  comparison() {
    const value = this.sum();
    if (this.is('=', '!=', '<', '<=', '>', '>=')) {
      const operator = this.list[this.at].word;
      this.at += 1;
      return compare(operator, value, this.sum());
    }
    if (this.is('between')) {
      this.at += 1;
      const low = this.sum();
      this.take('and');
      return both(compare('>=', value, low), compare('<=', value, this.sum()));
    }
    if (this.is('in')) {
      this.at += 1;
      return this.among(value);
    }
    return value;
  }

  // in ("a", "b") or in ["a", "b"]
  among(value) {
    const end = this.is('[') ? ']' : ')';
    this.take(end === ']' ? '[' : '(');
    let found = false;
    for (;;) {
      found = either(found, compare('=', value, this.sum()));
      if (this.is('..')) throw new SyntaxError('a range');
      if (!this.is(',')) break;
      this.at += 1;
    }
    this.take(end);
    return found;
  }

  sum() {
    let value = this.simple();
    while (this.is('+', '-')) {
      const minus = this.is('-');
      this.at += 1;
      const other = this.simple();
      value = typeof value === 'number' && typeof other === 'number' ? value + (minus ? -other : other) : null;
    }
    return value;
  }

  simple() {
    const token = this.list[this.at];
    if (!token) throw new SyntaxError('the end');
    this.at += 1;
    if ('value' in token) return token.value;
    if (token.word === '(') {
      const value = this.either();
      this.take(')');
      return value;
    }
    if (token.word === '-') {
      const value = this.simple();
      return typeof value === 'number' ? -value : null;
    }
    const constants = { true: true, false: false, null: null };
    if (token.word in constants) return constants[token.word];
    if (!/^[A-Za-z_]/.test(token.word)) throw new SyntaxError(token.word);
    if (!this.is('(')) return this.lookup(token.word);
    this.take('(');
    const value = this.either();
    this.take(')');
    if (token.word === 'not') return not(value);
    if (token.word === 'date' && (value === null || typeof value === 'string')) return value;
    if (token.word === 'count' && Array.isArray(value)) return value.length;
    throw new SyntaxError(token.word);
  }
}

// true, false, null; undefined: it could not be read.
export function holds(condition, lookup) {
  try {
    const reader = new Reader(condition, lookup);
    const value = reader.either();
    return reader.at === reader.list.length ? value : undefined;
  } catch {
    return undefined;
  }
}
