// What the pages do better with a script; they do all of it without one too.
'use strict';
(() => {
  const english = document.documentElement.lang === 'en';

  // Districts and matters: suggestions while typing, by name, pinyin, initials or code. Asked of the same GraphQL
  // endpoint as everybody asks.
  const DISTRICTS = `query($search: String!) { found: districts(search: $search, first: 10) { edges { node {
    code name englishName parent { name englishName parent { name englishName } } } } } }`;
  const MATTERS = `query($search: String!) { found: matters(search: $search, first: 8) { edges { node {
    code name englishName } } } }`;
  const find = async (query, search, signal) => {
    const response = await fetch('/graphql', {
      method: 'POST',
      signal,
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ query, variables: { search } }),
    });
    const { data } = await response.json();
    return (data?.found?.edges ?? []).map((edge) => edge.node);
  };
  const path = (district) => {
    const line = [];
    for (let at = district; at; at = at.parent) line.unshift(at);
    if (english && line.every((at) => at.englishName)) return line.map((at) => at.englishName).reverse().join(', ');
    return line.map((at) => at.name).join(' ');
  };

  // Where the list follows what is typed, matters need no suggestions.
  const follows = document.getElementById('results');
  for (const input of document.querySelectorAll(follows ? 'input[data-districts]' : 'input[data-districts], input[data-matters]')) {
    const isMatter = input.hasAttribute('data-matters');
    const list = document.createElement('ul');
    list.id = `${input.id}-suggestions`;
    list.className = 'suggestions';
    list.setAttribute('role', 'listbox');
    list.setAttribute('aria-label', input.labels[0]?.textContent ?? '');
    list.hidden = true;
    input.after(list);
    input.setAttribute('role', 'combobox');
    input.setAttribute('aria-autocomplete', 'list');
    input.setAttribute('aria-controls', list.id);
    input.setAttribute('aria-expanded', 'false');
    let found = [];
    let chosen = -1;
    let timer;
    let asking;

    const close = () => {
      list.hidden = true;
      chosen = -1;
      input.setAttribute('aria-expanded', 'false');
      input.removeAttribute('aria-activedescendant');
    };
    const mark = (at) => {
      chosen = at;
      [...list.children].forEach((item, i) => item.setAttribute('aria-selected', String(i === at)));
      const item = list.children[at];
      if (item) {
        input.setAttribute('aria-activedescendant', item.id);
        item.scrollIntoView({ block: 'nearest' });
      } else input.removeAttribute('aria-activedescendant');
    };
    const choose = (at) => {
      if (!found[at]) return;
      input.value = isMatter ? found[at].name : `${path(found[at])}${english ? ' (' : '（'}${found[at].code}${english ? ')' : '）'}`;
      close();
      // On to the next empty district, then to the matter, then to the button. The form is not sent.
      const form = input.form;
      const empty = [...form.querySelectorAll('[data-districts]')].find((other) => !other.value.trim());
      const words = isMatter ? null : form.querySelector('input[name=q][type=search]');
      ((isMatter ? null : empty) ?? words ?? form.querySelector('button'))?.focus();
    };
    const show = (districts) => {
      // A suggestion that arrives after the field lost focus is dropped.
      if (document.activeElement !== input) return;
      found = districts;
      list.replaceChildren(
        ...found.map((district, i) => {
          const item = document.createElement('li');
          item.id = `${list.id}-${i}`;
          item.setAttribute('role', 'option');
          const code = document.createElement('code');
          code.textContent = district.code;
          item.append(`${path(district)} `, code);
          item.addEventListener('pointerdown', (event) => {
            event.preventDefault();
            choose(i);
          });
          return item;
        }),
      );
      list.hidden = found.length === 0;
      input.setAttribute('aria-expanded', String(found.length > 0));
      mark(-1);
    };
    input.addEventListener('focus', () => input.select());
    input.addEventListener('input', () => {
      clearTimeout(timer);
      asking?.abort();
      const words = input.value.trim();
      if (!words) return close();
      timer = setTimeout(async () => {
        asking = new AbortController();
        try {
          show(await find(isMatter ? MATTERS : DISTRICTS, words, asking.signal));
        } catch {
          // Typing goes on, or the server is away: the form works without suggestions.
        }
      }, 120);
    });
    input.addEventListener('keydown', (event) => {
      if (event.isComposing || list.hidden) return;
      const last = found.length - 1;
      if (event.key === 'ArrowDown') mark(chosen >= last ? 0 : chosen + 1);
      else if (event.key === 'ArrowUp') mark(chosen <= 0 ? last : chosen - 1);
      else if (event.key === 'Enter' && chosen >= 0) choose(chosen);
      else if (event.key === 'Escape') close();
      else return;
      event.preventDefault();
    });
    input.addEventListener('blur', close);
  }

  // Matters: the list follows what is typed.
  const words = document.getElementById('q');
  if (words && follows) {
    let timer;
    let asking;
    const refresh = async () => {
      asking?.abort();
      asking = new AbortController();
      const address = new URL(location.href);
      if (words.value.trim()) address.searchParams.set('q', words.value.trim());
      else address.searchParams.delete('q');
      address.searchParams.delete('show');
      address.searchParams.delete('page');
      try {
        const response = await fetch(address, { signal: asking.signal });
        const page = new DOMParser().parseFromString(await response.text(), 'text/html');
        const results = page.getElementById('results');
        if (!response.ok || !results) return;
        document.getElementById('results').replaceWith(results);
        history.replaceState(null, '', response.url);
      } catch {
        // The next letter asks again; Enter always works.
      }
    };
    words.addEventListener('input', (event) => {
      clearTimeout(timer);
      if (!event.isComposing) timer = setTimeout(refresh, 180);
    });
    words.addEventListener('compositionend', () => {
      clearTimeout(timer);
      timer = setTimeout(refresh, 60);
    });
  }
})();
