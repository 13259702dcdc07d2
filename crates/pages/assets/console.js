// What the console does better with a script; it does all of it without one too.
'use strict';
(() => {
  // Problems are read out first, and a link in the summary leads to its field.
  document.getElementById('summary')?.focus();

  // A form is submitted once: a second press while it is on its way does nothing.
  for (const form of document.querySelectorAll('form[method=post]')) {
    form.addEventListener('submit', (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = '1';
    });
  }
  addEventListener('pageshow', () => {
    for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent;
  });
})();
