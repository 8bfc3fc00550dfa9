
// A page of a run that goes on: asked for again when it is told that something is new, at most every two seconds.
(() => {
  const told = document.querySelector('[data-live]');
  if (!told || !window.EventSource) return;
  const PAUSE_MS = 2000;
  const events = new EventSource(told.dataset.live);
  let asked = Date.now();
  let waiting = 0;
  const take = async () => {
    waiting = 0;
    asked = Date.now();
    const answer = await fetch(location.pathname, { credentials: 'same-origin' }).catch(() => null);
    if (!answer || !answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const now = page.querySelector('main');
    if (!now) return;
    const over = !now.querySelector('[data-live]');
    if (over) events.close();
    // The sentence stays where it is, so that a change of it is read out.
    const sentence = document.querySelector('h1');
    const next = now.querySelector('h1');
    if (next.textContent !== sentence.textContent) {
      sentence.replaceChildren(...next.childNodes);
      sentence.className = next.className;
    }
    next.replaceWith(sentence);
    const main = document.querySelector('main');
    const held = main.contains(document.activeElement);
    main.replaceChildren(...now.childNodes);
    document.title = page.title;
    if (held) main.focus({ preventScroll: true });
  };
  const news = () => {
    if (!waiting) waiting = setTimeout(take, Math.max(0, asked + PAUSE_MS - Date.now()));
  };
  events.addEventListener('state', news);
  events.addEventListener('progress', news);
})();

// A feed may be dropped anywhere on the page of the field for it; one at a time.
(() => {
  const field = document.querySelector('[data-drop]');
  if (!field) return;
  const file = field.querySelector('input[type=file]');
  const told = field.querySelector('[data-told]');
  let within = 0;
  const listen = (name, act) => document.addEventListener(name, (event) => {
    if (!event.dataTransfer || ![...event.dataTransfer.types].includes('Files')) return;
    event.preventDefault();
    act(event);
    field.classList.toggle('over', within > 0);
  });
  listen('dragenter', () => { within += 1; });
  listen('dragover', () => {});
  listen('dragleave', () => { within -= 1; });
  listen('drop', (event) => {
    within = 0;
    const files = event.dataTransfer.files;
    told.textContent = files.length > 1 ? field.dataset.several.replace('#', files.length) : '';
    if (files.length === 1) file.files = files;
    field.scrollIntoView({ block: 'nearest' });
    file.focus();
  });
  file.addEventListener('change', () => { told.textContent = ''; });
})();

// What is on its way is not sent twice.
(() => {
  const button = document.querySelector('[data-sending]');
  if (!button) return;
  const words = button.textContent;
  button.form.addEventListener('submit', () => setTimeout(() => {
    button.disabled = true;
    button.textContent = button.dataset.sending;
  }));
  window.addEventListener('pageshow', () => {
    button.disabled = false;
    button.textContent = words;
  });
})();

// Texts may be copied, and a place of the text that is mended is selected when it is asked for.
(() => {
  for (const button of document.querySelectorAll('[data-copy], [data-copy-text]')) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener('click', async () => {
      const text = button.dataset.copyText ?? document.getElementById(button.dataset.copy).value;
      await navigator.clipboard.writeText(text);
      button.textContent = button.dataset.copied;
    });
  }
  for (const link of document.querySelectorAll('a[data-line]')) {
    link.addEventListener('click', () => {
      const text = document.getElementById('text');
      const lines = text.value.split('\n');
      const line = Math.min(Number(link.dataset.line), lines.length);
      const start = lines.slice(0, line - 1).reduce((sum, before) => sum + before.length + 1, 0);
      const from = start + Math.min(Number(link.dataset.column) - 1, lines[line - 1].length);
      text.focus();
      text.setSelectionRange(from, start + lines[line - 1].length);
      text.scrollTop = (line - 4) * text.scrollHeight / lines.length;
    });
  }
})();

// Whoever goes back to a record that waits no more is told so: what is said there was right when it was said.
(() => {
  const form = document.querySelector('[data-waits]');
  if (!form) return;
  window.addEventListener('pageshow', async (event) => {
    const visit = performance.getEntriesByType('navigation')[0];
    if (!event.persisted && !(visit && visit.type === 'back_forward')) return;
    const answer = await fetch(form.dataset.waits, { credentials: 'same-origin' }).catch(() => null);
    if (!answer || !answer.ok || answer.redirected) return;
    const now = new DOMParser().parseFromString(await answer.text(), 'text/html');
    if (now.querySelector('[data-waits]')) return;
    for (const each of document.querySelectorAll('[data-stale]')) each.hidden = true;
    document.querySelector('[data-gone]').hidden = false;
  });
})();

// The name under which the service is asked is known here.
for (const field of document.querySelectorAll('[data-path]')) {
  field.value = location.origin + field.dataset.path;
  field.addEventListener('focus', () => field.select());
}

// What need not be scrolled is no stop of the keyboard.
(() => {
  const fit = (within) => {
    for (const text of within.querySelectorAll('pre[tabindex]')) {
      if (text.clientWidth && text.scrollWidth <= text.clientWidth) text.removeAttribute('tabindex');
    }
  };
  fit(document);
  document.addEventListener('toggle', (event) => fit(event.target), true);
})();

// All is printed, folded or not.
(() => {
  let opened = [];
  window.addEventListener('beforeprint', () => {
    opened = [...document.querySelectorAll('main details:not([open])')];
    for (const each of opened) each.open = true;
  });
  window.addEventListener('afterprint', () => {
    for (const each of opened) each.open = false;
  });
})();
