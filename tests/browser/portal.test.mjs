// The portal in a real browser, with and without script. Expects a demo registry at TONGBAN_URL; CHROMIUM names the browser.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { chromium } from 'playwright-core';

const base = process.env.TONGBAN_URL;
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
// As root in a container, and with nothing but the pages to load.
const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

let browser;
before(async () => (browser = await chromium.launch({ executablePath, args })));
after(() => browser.close());

const asked = (page) => {
  const { searchParams } = new URL(page.url());
  return Object.fromEntries(['receiving', 'competent', 'q', 'on', 'swap'].map((name) => [name, searchParams.get(name)]).filter(([, value]) => value));
};

for (const javaScriptEnabled of [true, false]) {
  describe(javaScriptEnabled ? 'with script' : 'without script', () => {
    const open = async (path) => {
      const context = await browser.newContext({ javaScriptEnabled, locale: 'zh-CN' });
      const page = await context.newPage();
      await page.goto(base + path);
      return page;
    };
    const navigates = async (page, act) => {
      await Promise.all([page.waitForEvent('framenavigated'), act()]);
      await page.waitForLoadState('load');
    };
    const start = '/?receiving=440115&competent=310112';
    for (const [name, value] of Object.entries({ receiving: '440115', competent: '310112', q: '身份证', on: '2022-03-01' })) {
      test(`Enter in ${name} asks what the form says`, async () => {
        const page = await open(start);
        const field = page.locator(`form input[name=${name}]`);
        await field.fill(value);
        // The script refreshes the list while one types, which moves the address too.
        if (name === 'q') await page.waitForTimeout(javaScriptEnabled ? 1000 : 0);
        await navigates(page, () => field.press('Enter'));
        assert.deepEqual(asked(page), { receiving: '440115', competent: '310112', ...(name === 'q' || name === 'on' ? { [name]: value } : {}) });
        await page.context().close();
      });
    }
    test('the swap button exchanges the districts', async () => {
      const page = await open(start);
      await navigates(page, () => page.locator('button[name=swap]').click());
      assert.deepEqual(asked(page), { receiving: '310112', competent: '440115' });
      await page.context().close();
    });
    test('Enter on the start page asks for the places as they are written', async () => {
      const page = await open('/');
      await page.locator('input[name=receiving]').fill('广州南沙');
      await page.locator('input[name=competent]').fill('上海市闵行区');
      await navigates(page, () => page.locator('input[name=competent]').press('Enter'));
      assert.deepEqual(asked(page), { receiving: '440115', competent: '310112' });
      await page.context().close();
    });
  });
}
