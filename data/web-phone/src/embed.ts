// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// `<script src="https://SITE/phone/call.js" async></script>` and `<falcot-call name="sales">Call sales</falcot-call>` on any
// page: a button that opens the site's own page for that call. Nothing of the page around it is touched.

const BASE = new URL('.', (document.currentScript as HTMLScriptElement).src);

const STYLE = `
:host { display: inline-block; }
button { font: inherit; cursor: pointer; border: 0; border-radius: 999px; padding: .75em 1.4em; min-height: 44px;
  background: var(--falcot-call-colour, #0b5cad); color: var(--falcot-call-ink, #fff); font-weight: 600; }
button:focus-visible { outline: 3px solid var(--falcot-call-colour, #0b5cad); outline-offset: 3px; }
.window { position: fixed; right: 16px; bottom: 16px; width: min(360px, calc(100vw - 32px)); height: min(520px, calc(100vh - 32px));
  z-index: 2147483000; border-radius: 16px; overflow: hidden; box-shadow: 0 12px 48px rgb(0 0 0 / .35); background: #fff; }
iframe { border: 0; width: 100%; height: 100%; display: block; }
.close::before { content: "\\2715"; }
.close { position: absolute; top: 8px; right: 8px; width: 44px; padding: 0; background: rgb(0 0 0 / .45); color: #fff; }
`;

class CallButton extends HTMLElement {
  private opened: HTMLElement | null = null;

  connectedCallback(): void {
    if (this.shadowRoot) return;
    const inside = this.attachShadow({ mode: 'open' });
    // Not a <style>: the page's Content-Security-Policy may forbid those.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    inside.adoptedStyleSheets = [sheet];
    const open = document.createElement('button');
    open.type = 'button';
    open.append(document.createElement('slot'));
    open.addEventListener('click', () => this.open(inside));
    inside.append(open);
  }

  private open(inside: ShadowRoot): void {
    if (this.opened) return;
    const title = this.textContent?.trim() ?? '';
    const page = new URL(`call-${encodeURIComponent(this.getAttribute('name') ?? '')}.html`, BASE);
    page.searchParams.set('title', title);
    const frame = document.createElement('iframe');
    frame.src = page.href;
    frame.title = title;
    frame.allow = 'microphone; camera; autoplay; fullscreen';
    const close = document.createElement('button');
    close.type = 'button';
    close.className = 'close';
    close.setAttribute('aria-label', this.getAttribute('close-label') ?? 'Close');
    const box = document.createElement('div');
    box.className = 'window';
    box.setAttribute('role', 'dialog');
    box.setAttribute('aria-label', title);
    box.append(frame, close);
    close.addEventListener('click', () => {
      // The frame hangs up as it goes.
      box.remove();
      this.opened = null;
    });
    this.opened = box;
    inside.append(box);
    frame.focus();
  }
}

if (!customElements.get('falcot-call')) customElements.define('falcot-call', CallButton);
