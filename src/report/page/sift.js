'use strict';
// Hides what does not fit what was asked for. Without this the page shows everything.
(() => {
  const bar = document.querySelector('.sift');
  if (!bar) return;
  const OPENED_MAX = 20;
  const asked = bar.querySelector('input[type=search]');
  const boxes = Array.from(bar.querySelectorAll('input[type=checkbox]'));
  const told = bar.querySelector('output');
  const words = (element) => [element.textContent, element.dataset.words || ''].join(' ').toLowerCase();
  const items = Array.from(document.querySelectorAll('[data-item]'), (element) => ({
    element,
    head: words(element.querySelector('summary') || element),
    parts: Array.from(element.querySelectorAll('[data-part]'), (part) => ({ element: part, text: words(part) })),
    folds: Array.from(element.querySelectorAll('.more'), (fold) => ({
      element: fold,
      parts: Array.from(fold.querySelectorAll('[data-part]')),
    })),
    open: element.open,
  }));
  const counted = items.filter((item) => item.element.dataset.item === 'counted');
  const fits = (text, all) => all.every((word) => text.includes(word));
  let opened = 0;

  const unfold = (item, all, deep) => {
    if (!('open' in item.element)) return;
    const wanted = deep ? OPENED_MAX > opened : false;
    if (wanted) opened += 1;
    item.element.open = all.length === 0 ? item.open : wanted;
    item.folds.forEach((fold) => {
      fold.element.open = all.length === 0 ? false : wanted;
      fold.element.hidden = fold.parts.every((part) => part.hidden);
    });
  };

  const show = (item, all, kinds) => {
    const whole = fits(item.head, all);
    let deep = false;
    item.parts.forEach((part) => {
      const inside = fits([item.head, part.text].join(' '), all);
      part.element.hidden = whole ? false : !inside;
      deep = deep || inside;
    });
    const kind = item.element.dataset.kind;
    item.element.hidden = !((whole || deep) ? (!kind || !boxes.length || kinds.has(kind)) : false);
    if (!item.element.hidden) unfold(item, all, deep);
  };

  const sift = () => {
    const all = asked.value.toLowerCase().split(/\s+/).filter(Boolean);
    const kinds = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    opened = 0;
    items.forEach((item) => show(item, all, kinds));
    const left = counted.filter((item) => !item.element.hidden).length;
    // What names no feed is no question about feeds.
    const others = items.filter((item) => item.element.dataset.item !== 'counted');
    if (others.every((item) => item.element.hidden)) others.forEach((item) => { item.element.hidden = false; });
    const number = left === counted.length ? '' : [left, told.dataset.of, counted.length, told.dataset.noun].join(' ');
    told.textContent = all.length === 0 ? number : [number, told.dataset.cut].filter(Boolean).join('; ');
  };

  let waiting = 0;
  asked.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(sift, 120); });
  boxes.forEach((box) => box.addEventListener('change', sift));
  // A path of a table asks for itself.
  document.querySelectorAll('[data-ask]').forEach((element) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'link';
    button.textContent = element.textContent;
    button.addEventListener('click', () => { asked.value = element.dataset.ask; sift(); asked.focus(); });
    element.replaceChildren(button);
  });
  bar.hidden = false;
  if (asked.value) sift();
})();
