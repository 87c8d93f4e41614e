// Builds the pages: node www/build.mjs TOOLS OUT, where TOOLS holds what package-lock.json names.
// OUT gets the script in parts and the style under names that carry a digest of their content, beside
// each its .gz and .br; the shell in each language; and the files of public/ as they are. Nothing in
// it depends on the clock or the machine: the same sources give the same bytes.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const [tools, out] = process.argv.slice(2).map((path) => resolve(path));
const here = dirname(fileURLToPath(import.meta.url));
const { build } = createRequire(join(tools, 'node_modules', 'x.js'))('esbuild');

function fail(text) {
  console.error(`www/build.mjs: ${text}`);
  process.exit(1);
}

// ---- the route table and the paths that the server gives the shell for ----
const served = readFileSync(join(here, 'paths.txt'), 'utf8').split('\n')
  .filter((line) => line && !line.startsWith('#'));
const { routes } = await import(pathToFileURL(join(here, 'routes.js')));
const routed = new Set(routes.map((route) => route.path.split('/')[1]).filter(Boolean));
for (const name of routed) if (!served.includes(name)) fail(`/${name} of routes.js is not in paths.txt`);
for (const name of served) if (!routed.has(name)) fail(`/${name} of paths.txt has no route in routes.js`);

// ---- script and style ----
const result = await build({
  entryPoints: [join(here, 'main.js'), join(here, 'early.js'), join(here, 'styles', 'main.css')],
  entryNames: '[name]-[hash]',
  chunkNames: 'part-[hash]',
  outdir: join(out, 'assets'),
  bundle: true,
  splitting: true,
  format: 'esm',
  minify: true,
  legalComments: 'none',
  metafile: true,
  write: false,
  target: 'es2022',
  nodePaths: [join(tools, 'node_modules')],
  absWorkingDir: here,
  logLevel: 'warning',
  define: { 'process.env.NODE_ENV': '"production"' },
}).catch(() => process.exit(1));

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, 'assets'), { recursive: true });

function writeCompressed(path, bytes) {
  writeFileSync(path, bytes);
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  }));
}

for (const file of result.outputFiles) writeCompressed(file.path, Buffer.from(file.contents));

// The outputs by the source that they are made of, and all that the first of them needs at once.
const outputs = result.metafile.outputs;
const byEntry = (source) => Object.keys(outputs).find((name) => outputs[name].entryPoint === source)
  ?? fail(`${source} made nothing`);
const address = (name) => `/assets/${basename(name)}`;
const main = byEntry('main.js');
const needed = new Set();
const follow = (name) => {
  for (const { path, kind } of outputs[name].imports) {
    if (kind !== 'import-statement' || needed.has(path)) continue;
    needed.add(path);
    follow(path);
  }
};
follow(main);

// ---- the shell ----
const { default: texts } = await import(pathToFileURL(join(here, 'texts', 'shell.js')));
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
for (const language of ['nl', 'en']) {
  const text = texts[language];
  writeFileSync(join(out, `shell.${language}.html`), `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(text.name)}</title>
<script type="module" src="${address(byEntry('early.js'))}" blocking="render"></script>
<link rel="stylesheet" href="${address(byEntry('styles/main.css'))}">
<link rel="icon" href="/icon.svg" type="image/svg+xml">
${[...needed].sort().map((name) => `<link rel="modulepreload" href="${address(name)}">\n`).join('')}<script type="module" src="${address(main)}"></script>
</head>
<body>
<div id="app"><p class="starting" role="status">${escape(text.starting)}</p></div>
<noscript><p class="starting">${escape(text.needsScript)}</p></noscript>
</body>
</html>
`);
}

for (const name of readdirSync(join(here, 'public')).sort()) {
  writeFileSync(join(out, name), readFileSync(join(here, 'public', name)));
}

// What the first load brings: the shell's own script and style, compressed.
const first = [main, byEntry('early.js'), byEntry('styles/main.css'), ...needed];
const sizes = Object.fromEntries(first.map((name) => [address(name),
  readFileSync(join(out, 'assets', `${basename(name)}.gz`)).length]));
writeFileSync(join(out, '.first-load.json'), `${JSON.stringify(sizes, null, 2)}\n`);
writeFileSync(join(out, '.built'), ''); // make's mark that all of it is there
