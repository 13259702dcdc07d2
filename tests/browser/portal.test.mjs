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

describe('every page', () => {
  const paths = ['/', '/?lang=en', '/?receiving=440115', '/?receiving=440115&competent=310112', '/matters', '/matters?q=sfz', '/matter/LGA000000001',
    '/matter/LGA000000001?receiving=440115&competent=310112', '/matter/LGA000000001?receiving=310112&competent=440115', '/districts', '/districts?q=nansha',
    '/district/440115', '/district/440000', '/agreements', '/agreement/TB-2021-000001', '/agreement/TB-2021-000001?lang=en', '/policies', '/notices', '/network',
    '/network?of=440115', '/network?of=440000', '/feedback', '/help', '/developers', '/about', '/no-such-page'];
  const visits = async (context, path) => {
    const page = await context.newPage();
    const outside = [];
    const errors = [];
    page.on('request', (request) => request.url().startsWith(base) || request.url().startsWith('data:') || outside.push(request.url()));
    page.on('console', (message) => message.type() === 'error' && !/status of 404/.test(message.text()) && errors.push(message.text()));
    page.on('pageerror', (error) => errors.push(error.message));
    const response = await page.goto(base + path);
    assert.equal(response.status(), path === '/no-such-page' ? 404 : 200, path);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.deepEqual({ outside, errors, wide }, { outside: [], errors: [], wide: 0 }, path);
    return page;
  };
  for (const [name, elder] of [['standard', false], ['large type', true]]) {
    test(`fits into 320 pixels, ${name}`, async () => {
      const context = await browser.newContext({ viewport: { width: 320, height: 640 }, locale: 'zh-CN' });
      if (elder) await context.addCookies([{ name: 'view', value: 'elder', url: base }]);
      for (const path of paths) await (await visits(context, path)).close();
      await context.close();
    });
  }
  test('policies and windows are reached by links', async () => {
    const context = await browser.newContext({ viewport: { width: 320, height: 640 }, locale: 'zh-CN' });
    for (const [from, to] of [['/policies', '/policy/'], ['/district/440115', '/window/']]) {
      const page = await visits(context, from);
      const address = await page.locator(`main a[href^="${to}"]`).first().getAttribute('href');
      await page.close();
      await (await visits(context, address)).close();
    }
    await context.close();
  });
  test('choosing the second district moves the focus to the matter and sends nothing', async () => {
    const context = await browser.newContext({ locale: 'zh-CN' });
    const page = await context.newPage();
    await page.goto(base + '/?receiving=440115');
    await page.locator('input[name=competent]').fill('闵行');
    await page.locator('.suggestions:not([hidden]) li').first().waitFor();
    await page.locator('input[name=competent]').press('ArrowDown');
    await page.locator('input[name=competent]').press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.name), 'q');
    assert.deepEqual(asked(page), { receiving: '440115' });
    await context.close();
  });
  test('large type is switched on and off without script', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false, locale: 'zh-CN' });
    const page = await context.newPage();
    await page.goto(base + '/help');
    const size = () => page.locator('html').evaluate((html) => html.className);
    await page.getByRole('link', { name: '长辈版' }).click();
    assert.equal(await size(), 'elder');
    await page.getByRole('link', { name: '标准版' }).click();
    assert.equal(await size(), '');
    await context.close();
  });
});
