// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Runs in a page before its own scripts: when it was registered, when it rang, when something was clicked last, and when
// the first picture of the other end was shown after that; milliseconds since the page's navigation began (performance.now).
window.clock = { registered: 0, rang: 0, clicked: 0, pictured: 0 };
{
  const { clock } = window;
  let watched = null;
  const watch = () => {
    const video = document.querySelector('video.remote');
    if (!video || video === watched) return;
    watched = video;
    video.requestVideoFrameCallback(() => { clock.pictured ||= performance.now(); });
  };
  const look = () => {
    if (!clock.registered && document.querySelector('#link[data-state=registered]')) clock.registered = performance.now();
    if (!clock.rang && document.querySelector('.answer-video:enabled')) clock.rang = performance.now();
    if (clock.clicked) watch();
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true, attributeFilter: ['data-state', 'disabled'] });
  document.addEventListener('click', ({ timeStamp }) => {
    Object.assign(clock, { rang: 0, clicked: timeStamp, pictured: 0 });
    watched = null;
    watch();
  }, true);
}
