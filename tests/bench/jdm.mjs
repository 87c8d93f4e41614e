// A DMN model of decision tables and one context, as the JSON that zen-engine reads: the tables
// side by side, their outputs joined in one node of expressions. Not a general converter: it reads
// what the benchmark's two models hold and stops at anything else.

const entities = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'", '&amp;': '&' };
const plain = (text) => text.replace(/&(?:lt|gt|quot|apos|amp);/g, (found) => entities[found]);
const texts = (xml, element) =>
  [...xml.matchAll(new RegExp(`<${element}[ >].*?<text>(.*?)</text>.*?</${element}>`, 'gs'))]
    .map((found) => plain(found[1]));
const attribute = (xml, name) => new RegExp(`\\b${name}="([^"]*)"`).exec(xml)?.[1];

function tableNode(name, xml) {
  if (attribute(xml, 'hitPolicy') !== 'FIRST') throw new Error(`${name}: FIRST tables only`);
  const inputs = texts(xml, 'input').map((field, at) => ({ id: `i${at}`, name: field, field }));
  const columns = [...xml.matchAll(/<output\b[^>]*\/>/g)].map((found) => attribute(found[0], 'name'));
  const outputs = columns.map((column, at) => {
    const field = columns.length > 1 ? `${name}.${column}` : name;
    return { id: `o${at}`, name: field, field };
  });
  const rules = [...xml.matchAll(/<rule>(.*?)<\/rule>/gs)].map((found, row) => {
    const rule = { _id: `r${row}` };
    texts(found[1], 'inputEntry').forEach((text, at) => { rule[`i${at}`] = text; });
    texts(found[1], 'outputEntry').forEach((text, at) => { rule[`o${at}`] = text; });
    return rule;
  });
  return {
    id: name, name, type: 'decisionTableNode', position: { x: 0, y: 0 },
    content: { hitPolicy: 'first', inputs, outputs, rules, passThrough: false,
      inputField: null, outputPath: null, executionMode: 'single' },
  };
}

// Names of the context's own entries are reached with "$." there.
function expressionNode(name, xml) {
  const entries = [...xml.matchAll(/<contextEntry>.*?<variable name="(\w+)".*?<text>(.*?)<\/text>/gs)]
    .map((found) => [found[1], plain(found[2])]);
  const own = new Set(entries.map(([key]) => key));
  const expressions = entries.map(([key, text]) => ({
    id: key, key,
    value: text.replaceAll('round half up(', 'round(')
      .replace(/\b[A-Za-z]\w*\b(?!\s*\()/g, (word, at) =>
        (own.has(word) && text[at - 1] !== '.' ? `$.${word}` : word)),
  }));
  return { id: name, name, type: 'expressionNode', position: { x: 0, y: 0 },
    content: { expressions, passThrough: false, inputField: null, outputPath: null,
      executionMode: 'single' } };
}

export function fromDmn(dmn) {
  const tables = [];
  let last;
  for (const [, name, xml] of dmn.matchAll(/<decision id="[^"]*" name="(\w+)">(.*?)<\/decision>/gs)) {
    if (xml.includes('<decisionTable')) tables.push(tableNode(name, xml));
    else if (xml.includes('<context>')) last = expressionNode(name, xml);
    else throw new Error(`${name}: neither a table nor a context`);
  }
  const start = { id: 'in', name: 'in', type: 'inputNode', position: { x: 0, y: 0 } };
  const end = { id: 'out', name: 'out', type: 'outputNode', position: { x: 0, y: 0 } };
  const edges = [];
  const join = (from, to) => edges.push({ id: `e${edges.length}`, type: 'edge', sourceId: from.id,
    targetId: to.id });
  for (const table of tables) {
    join(start, table);
    join(table, last ?? end);
  }
  if (last) {
    join(start, last);
    join(last, end);
  }
  return { nodes: [start, ...tables, ...(last ? [last] : []), end], edges };
}
