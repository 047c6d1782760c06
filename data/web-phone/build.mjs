// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// `node build.mjs TARGET` puts all that is served into TARGET; `node build.mjs --tests` runs the
// unit tests. Both need what `npm ci` installs, and no network.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));

// A language is added by adding src/languages/TAG.ts: nothing else lists them.
const languages = {
  name: 'languages',
  setup(bundler) {
    bundler.onResolve({ filter: /^languages$/ }, () => ({ path: 'languages', namespace: 'languages' }));
    bundler.onLoad({ filter: /.*/, namespace: 'languages' }, () => {
      const tags = readdirSync(join(here, 'src/languages')).map((file) => basename(file, '.ts')).sort();
      const imports = tags.map((tag, n) => `import l${n} from './${tag}.ts';`).join('\n');
      const rows = tags.map((tag, n) => `${JSON.stringify(tag)}: l${n}`).join(', ');
      return { contents: `${imports}\nexport default { ${rows} };`, resolveDir: join(here, 'src/languages') };
    });
  },
};

const common = {
  absWorkingDir: here,
  bundle: true,
  charset: 'utf8',
  logLevel: 'warning',
  plugins: [languages],
};

async function make(target) {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const [minify, folder] of [[true, target], [false, join(target, 'readable')]]) {
    await build({
      ...common,
      entryPoints: { phone: 'src/main.ts', guest: 'src/guest.ts', call: 'src/embed.ts' },
      outdir: folder,
      format: 'iife',
      target: ['chrome109', 'firefox115', 'safari16'],
      minify,
      legalComments: 'none',
    });
  }
  cpSync(join(here, 'page'), target, { recursive: true });
  writeFileSync(join(target, 'LICENSES.txt'), licences());
}

// The licence of each package that is in the bundle, as its authors wrote it.
function licences() {
  const lock = JSON.parse(readFileSync(join(here, 'package-lock.json'), 'utf8'));
  const used = Object.entries(lock.packages).filter(([path, { dev }]) => path && !dev).sort();
  return used.map(([path, { version }]) => {
    const folder = join(here, path);
    const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
    if (!file) throw new Error(`${path}: no licence`);
    const title = `${path.replace('node_modules/', '')} ${version}`;
    return `${title}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
  }).join('\n----\n\n');
}

async function test() {
  const folder = mkdtempSync(join(tmpdir(), 'web-phone-'));
  try {
    const files = readdirSync(join(here, 'tests')).filter((name) => name.endsWith('.test.ts'));
    await build({
      ...common,
      entryPoints: files.map((name) => join('tests', name)),
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      format: 'esm',
      platform: 'node',
      target: 'node18',
      sourcemap: 'inline',
      banner: { js: "import { createRequire as _r } from 'node:module'; const require = _r(import.meta.url);" },
    });
    const built = readdirSync(folder).map((name) => join(folder, name));
    const { status, stdout } = spawnSync(
      process.execPath,
      ['--enable-source-maps', '--test', '--test-reporter=tap', ...built],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const count = (what) => Number(stdout.match(new RegExp(`^# ${what} (\\d+)$`, 'm'))?.[1] ?? 0);
    if (status !== 0) process.stdout.write(stdout);
    console.log(`web phone: ${count('pass')} passed, ${count('fail')} failed`);
    // A run without tests would pass.
    process.exitCode = status === 0 && count('pass') > 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const [, , wanted] = process.argv;
if (!wanted) {
  console.error('usage: node build.mjs TARGET | --tests');
  process.exitCode = 2;
} else if (wanted === '--tests') {
  await test();
} else {
  await make(wanted);
}
