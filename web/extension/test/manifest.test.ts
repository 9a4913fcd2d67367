/** What the extension may do is decided in its manifest, and held to here; and the guards of the build can fail. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { foreignCode, MOST_BYTES, notWhole, tooLarge } from '../scripts/guards.ts';
import { iconOf } from '../scripts/icons.ts';
import { BROWSERS, manifestOf } from '../scripts/manifest.ts';
import { messageFiles } from '../scripts/messages.ts';
import { zipOf } from '../scripts/pack.ts';

const packed = (path: string, text: string) => ({ path, bytes: Buffer.from(text) });

describe('the manifest', () => {
  test('asks for no site at install, and for nothing that warns', () => {
    for (const browser of BROWSERS) {
      const manifest = manifestOf(browser, '1.2.3');
      const quiet = ['storage', 'scripting', 'activeTab', 'offscreen', 'sidePanel'];
      assert.deepEqual(
        manifest.permissions.filter((permission) => !quiet.includes(permission)),
        [],
      );
      for (const key of ['host_permissions', 'content_scripts', 'web_accessible_resources']) {
        assert(!(key in manifest), key);
      }
      assert.deepEqual(manifest.optional_host_permissions, ['https://*/*', 'http://*/*']);
      assert.equal(manifest.incognito, 'not_allowed');
    }
  });

  test('runs nothing but its own files', () => {
    for (const browser of BROWSERS) {
      const { extension_pages } = manifestOf(browser, '1.2.3').content_security_policy;
      assert.match(extension_pages, /default-src 'self'; script-src 'self' 'wasm-unsafe-eval';/);
      assert.doesNotMatch(extension_pages, /'unsafe-|https?:|\*/);
    }
  });

  test('gives each browser what it knows, and no more', () => {
    const chromium = manifestOf('chromium', '1.2.3');
    assert.deepEqual(chromium.background, { service_worker: 'background.js', type: 'module' });
    assert(!('sidebar_action' in chromium) && !('browser_specific_settings' in chromium));
    const firefox = manifestOf('firefox', '1.2.3');
    assert.deepEqual(firefox.background, { scripts: ['background.js'], type: 'module' });
    assert(!('side_panel' in firefox) && !('minimum_chrome_version' in firefox));
    assert.deepEqual(firefox.permissions, ['storage', 'scripting', 'activeTab']);
    const { gecko } = firefox.browser_specific_settings!;
    assert.deepEqual(gecko.data_collection_permissions, { required: ['none'] });
  });

  test('every message that it names is there in English and in Chinese', () => {
    const files = messageFiles();
    const named = BROWSERS.flatMap((browser) => [
      ...JSON.stringify(manifestOf(browser, '1.2.3')).matchAll(/__MSG_(\w+)__/g),
    ]).map(([, name]) => name!);
    assert(named.length > 0);
    for (const language of ['en', 'zh_CN']) {
      const file = files.get(`_locales/${language}/messages.json`)!;
      const messages = JSON.parse(file) as Record<string, { readonly message: string }>;
      for (const name of named) assert(messages[name]!.message.length > 5, `${language} ${name}`);
    }
  });
});

test('the icon is a PNG of the size that was asked for, clear at its corners', () => {
  const svg = readFileSync(new URL('../../player/public/icon.svg', import.meta.url), 'utf8');
  for (const size of [16, 128]) {
    const png = iconOf(svg, size);
    assert.equal(png.toString('latin1', 1, 4), 'PNG');
    assert.equal(png.readUInt32BE(16), size);
    const length = png.readUInt32BE(33);
    const rows = inflateSync(png.subarray(41, 41 + length));
    assert.equal(rows.length, size * (1 + 4 * size));
    assert.equal(rows[4], 0, 'alpha of the first pixel');
    const middle = (size / 2) * (1 + 4 * size) + 1 + 4 * (size / 2 - 1);
    assert.equal(rows[middle + 3], 255);
  }
  assert.throws(() => iconOf('<svg/>', 16), /icon\.svg has changed/);
});

describe('the guards', () => {
  test('find code that is made at run time or comes from elsewhere', () => {
    const bad = [
      packed('a.js', 'const a = eval ("1")'),
      packed('a.js', 'new Function("return 1")()'),
      packed('a.js', 'const all = Function("return this")()'),
      packed('a.js', 'a.innerHTML = "<b>"'),
      packed('a.js', 'import("https://example.com/a.js")'),
      packed('a.html', '<script>1</script>'),
      packed('a.html', '<script type="module">1</script>'),
      packed('a.html', '<script src="https://example.com/a.js"></script>'),
      packed('a.html', '<link rel="stylesheet" href="//example.com/a.css">'),
      packed('a.html', '<body onload="f()">'),
      packed('a.html', '<p style="color: red">'),
    ];
    for (const file of bad) assert.equal(foreignCode([file]).length, 1, String(file.bytes));
  });

  test('let through what is not', () => {
    const good = [
      packed(
        'a.js',
        'if (a.innerHTML === b) medieval(1); a.eval(1); new FunctionName(); typeof Function; import("./b.js")',
      ),
      packed('a.html', '<script type="module" src="./a.js"></script><link href="./a.css">'),
      packed('a.txt', 'eval(1) <script>1</script>'),
    ];
    assert.deepEqual(foreignCode(good), []);
  });

  test('find a content script that needs another file, and what is too large', () => {
    assert.equal(notWhole(packed('a.js', 'import "./b.js"; b()')).length, 1);
    assert.equal(notWhole(packed('a.js', '(async () => import("./b.js"))()')).length, 1);
    assert.deepEqual(notWhole(packed('a.js', '(() => { const important = 1; })()')), []);
    assert.equal(tooLarge('zip', MOST_BYTES + 1).length, 1);
    assert.deepEqual(tooLarge('zip', MOST_BYTES), []);
  });
});

test('the same files make the same zip, whenever and wherever', () => {
  const files = [packed('a.txt', 'a'), packed('b/c.txt', 'c')];
  const zone = process.env['TZ'];
  const first = zipOf(files);
  process.env['TZ'] = 'Pacific/Auckland';
  const second = zipOf(files);
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
  assert.deepEqual(first, second);
});
