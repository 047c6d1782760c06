// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Elements whose attributes and children may be functions of cells.
import { effect, ending, root, type Read } from './cell';

type Value = string | number | boolean | null | undefined;
type Handler = (event: never) => void;
export type Child = Node | string | null | undefined | false | (() => Child | Child[]);

/**
 * Attributes of `h`. A function is evaluated again whenever a cell it read changes; `.name` sets a property
 * instead of an attribute; `on:name` adds a listener; `ref` is called with the element.
 */
export type Attributes = Record<string, Value | Handler | (() => unknown) | object>;

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on:')) {
      element.addEventListener(name.slice(3), value as EventListener);
    } else if (name === 'ref') {
      (value as (e: Element) => void)(element);
    } else if (typeof value === 'function') {
      effect(() => assign(element, name, (value as () => unknown)()));
    } else {
      assign(element, name, value);
    }
  }
  add(element, children);
  return element;
}

function assign(element: Element, name: string, value: unknown): void {
  if (name.startsWith('.')) {
    const target = element as unknown as Record<string, unknown>;
    // An assignment of the same stream makes a video start anew.
    if (target[name.slice(1)] !== value) target[name.slice(1)] = value;
  } else if (value === false || value === null || value === undefined) {
    element.removeAttribute(name);
  } else {
    element.setAttribute(name, value === true ? '' : String(value));
  }
}

function add(parent: Node, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (typeof child === 'function') region(parent, child);
    else parent.appendChild(typeof child === 'string' ? document.createTextNode(child) : child);
  }
}

/** A place whose content is made anew whenever a cell that it reads changes. */
function region(parent: Node, content: () => Child | Child[]): void {
  const end = parent.appendChild(document.createComment(''));
  let shown: ChildNode[] = [];
  let text: Text | null = null;
  effect(() => {
    const found = content();
    // Most regions are texts: those are changed in place, which keeps selections and announcements.
    if (typeof found === 'string' && text) {
      if (text.data !== found) text.data = found;
      return;
    }
    const held = shown.some((node) => node.contains(document.activeElement));
    for (const node of shown) node.remove();
    const made = document.createDocumentFragment();
    add(made, Array.isArray(found) ? found : [found]);
    shown = [...made.childNodes];
    text = typeof found === 'string' ? (shown[0] as Text) : null;
    end.parentNode?.insertBefore(made, end);
    if (held) caught(end.parentElement);
  });
}

/** Focus that fell to the page, since what had it is gone, goes to the part that was around it: Tab goes on from there. */
function caught(around: Element | null | undefined): void {
  if (document.activeElement !== document.body) return;
  around?.closest<HTMLElement>('[tabindex="-1"]')?.focus({ preventScroll: true });
}

const FOCUSABLE = 'button, input, a';

/** One element for each item, kept as long as an item with its key is there. */
export function each<T>(
  items: Read<readonly T[]>,
  key: (item: T) => string,
  render: (item: T) => Element,
  tag: 'ul' | 'ol' | 'div' = 'ul',
  attributes: Attributes = {},
): HTMLElement {
  const list = h(tag, attributes);
  const made = new Map<string, { item: T; element: Element; end: () => void }>();
  effect(() => {
    const rows = items();
    const keys = new Set(rows.map(key));
    const held = list.contains(document.activeElement);
    for (const [name, row] of made) {
      if (keys.has(name)) continue;
      row.end();
      row.element.remove();
      made.delete(name);
    }
    rows.forEach((item, at) => {
      const name = key(item);
      let row = made.get(name);
      let focused = -1;
      if (row && row.item !== item) {
        focused = [...row.element.querySelectorAll(FOCUSABLE)].indexOf(document.activeElement as Element);
        row.end();
        row.element.remove();
        row = undefined;
      }
      if (!row) {
        row = root((end) => ({ item, element: render(item), end }));
        made.set(name, row);
      }
      if (list.children[at] !== row.element) list.insertBefore(row.element, list.children[at] ?? null);
      if (focused >= 0) row.element.querySelectorAll<HTMLElement>(FOCUSABLE)[focused]?.focus();
    });
    if (held) caught(list);
  });
  ending(() => made.forEach((row) => row.end()));
  return list;
}
