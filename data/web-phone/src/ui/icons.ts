// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Drawings of our own on a field of 24 by 24, as lines in the colour of the text.
const NAMESPACE = 'http://www.w3.org/2000/svg';

const HANDSET = 'M7 3.5 9.4 8l-2 1.9a13 13 0 0 0 6.7 6.7l1.9-2 4.5 2.4c.1 2-1.3 3.5-3.2 3.5A13.8 13.8 0 0 1 3.5 6.7c0-1.9 1.5-3.3 3.5-3.2Z';
const CAMERA = 'M3 7.5A1.5 1.5 0 0 1 4.5 6h9A1.5 1.5 0 0 1 15 7.5v9a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 3 16.5Zm12 3.2 6-3.2v9l-6-3.2';
const MICROPHONE = 'M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3ZM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21';
const STROKE = 'M4 4l16 16';

const PATHS = {
  phone: HANDSET,
  hangUp: 'M3.2 14.6c-.9-1-.9-2.3 0-3.2 4.900-4.900 12.700-4.900 17.600 0 .9.9.9 2.200 0 3.200l-1.500 1.300-3.600-2.300.2-2.600a12.500 12.500 0 0 0-7.800 0l.2 2.600-3.600 2.300Z',
  video: CAMERA,
  videoOff: `${CAMERA}${STROKE}`,
  microphone: MICROPHONE,
  microphoneOff: `${MICROPHONE}${STROKE}`,
  hold: 'M9 5v14M15 5v14',
  resume: 'M8 5l11 7-11 7Z',
  keypad: 'M6 5h.01M12 5h.01M18 5h.01M6 11h.01M12 11h.01M18 11h.01M6 17h.01M12 17h.01M18 17h.01M12 22h.01',
  transfer: 'M4 8h15l-4-4M20 16H5l4 4',
  screen: 'M3 5h18v12H3ZM8.500 21h7M12 8v6M9.500 10.500 12 8l2.500 2.500',
  chat: 'M4 5h16v11H10l-5 4v-4H4Z',
  send: 'M4 12 20 4l-4.500 16-3.500-6.500Zm8 1.500L20 4',
  history: 'M3.500 12A8.500 8.500 0 1 0 6 6L3.500 8.500M3.500 4v4.500H8M12 7.500V12l3 2',
  contacts: 'M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7ZM2.500 20a6.500 6.500 0 0 1 13 0M16 4.300a3.500 3.500 0 0 1 0 6.400M18 14.300a6.500 6.500 0 0 1 3.500 5.700',
  settings: 'M4 7h9M19 7h1M4 17h1M11 17h9M16 9.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5ZM8 19.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5Z',
  plus: 'M12 5v14M5 12h14',
  close: 'M6 6l12 12M18 6 6 18',
  back: 'M15 5l-7 7 7 7',
  outgoing: 'M7 17 17 7M9 7h8v8',
  incoming: 'M17 7 7 17M15 17H7V9',
  missed: 'M20 7l-7 7-6-6M7 13V8h5',
  star: 'M12 3.500l2.600 5.400 5.900.8-4.300 4.100 1.100 5.900L12 16.900l-5.300 2.800 1.100-5.900L3.500 9.700l5.900-.8Z',
  bin: 'M4 7h16M9 7V4h6v3M6.500 7l1 13h9l1-13M10 11v5M14 11v5',
  pen: 'M4 20l1-4L16 5l3 3L8 19Z',
  erase: 'M9 6h12v12H9l-6-6ZM12 9.500l5 5M17 9.500l-5 5',
  merge: 'M7 4v4l5 5v7M17 4v4l-5 5M9 17l3 3 3-3',
  warning: 'M12 4 2.500 20h19ZM12 10v4M12 17h.01',
  check: 'M5 12.500l4.500 4.500L19 7.500',
  copy: 'M9 9h11v11H9ZM15 9V4H4v11h5',
  expand: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
  fold: 'M5 9l7 7 7-7',
  door: 'M10 4H5v16h5M14 8l4 4-4 4M18 12H9',
} as const;

export type Icon = keyof typeof PATHS;

export function icon(name: Icon): SVGElement {
  const drawing = document.createElementNS(NAMESPACE, 'svg');
  drawing.setAttribute('viewBox', '0 0 24 24');
  drawing.setAttribute('class', `icon icon-${name}`);
  drawing.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(NAMESPACE, 'path');
  path.setAttribute('d', PATHS[name]);
  drawing.append(path);
  return drawing;
}
