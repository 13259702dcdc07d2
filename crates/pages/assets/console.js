// What the console does better with a script; it does all of it without one too.
'use strict';
(() => {
  // Problems are read out first, and a link in the summary leads to its field.
  document.getElementById('summary')?.focus();

  // Drafts save themselves a while after the last change, if everything in the form is valid.
  const PAUSE = 15_000;
  const saving = new Map();
  const save = async (form) => {
    const body = new URLSearchParams(new FormData(form));
    const [name, value] = form.dataset.autosave.split('=');
    body.set(name, value);
    const response = await fetch(form.action, { method: 'POST', body });
    if (!response.redirected) return;
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const revision = page.querySelector('input[name=expectedRevision]');
    const saved = page.querySelector('[data-saved]');
    if (!revision || !saved) return;
    for (const field of document.querySelectorAll('input[name=expectedRevision]')) field.value = revision.value;
    document.querySelector('[data-saved]').replaceWith(saved);
  };
  for (const form of document.querySelectorAll('form[data-autosave]')) {
    let timer;
    form.addEventListener('change', () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (form.dataset.sent || saving.has(form)) return;
        // Without a network nothing is lost: the form is still there.
        saving.set(form, save(form).catch(() => {}).finally(() => saving.delete(form)));
      }, PAUSE);
    });
  }

  // A form is submitted once: a second press while it is on its way does nothing.
  for (const form of document.querySelectorAll('form[method=post]')) {
    form.addEventListener('submit', (event) => {
      if (saving.has(form)) {
        // The draft is just saving itself: this press comes after it.
        event.preventDefault();
        saving.get(form).finally(() => form.requestSubmit(event.submitter));
        return;
      }
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = '1';
    });
  }
  addEventListener('pageshow', () => {
    for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent;
  });
})();
