// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Devices with a look at what they do, sounds, and what this browser keeps.
import { cell, effect, ending } from '../cell';
import { h, type Child } from '../dom';
import { t, type Key } from '../i18n';
import * as media from '../media';
import type { Device } from '../media';
import type { Account, Phone } from '../phone';
import type { Preferences } from '../preferences';
import { languageChoice } from './languages';
import { button, heading } from './parts';

type Kind = 'microphone' | 'speaker' | 'camera';
const KINDS: Readonly<Record<Kind, MediaDeviceKind>> = { microphone: 'audioinput', speaker: 'audiooutput', camera: 'videoinput' };

export function settings(phone: Phone, account: Account): HTMLElement {
  const { choices } = phone;
  const found: Record<Kind, { (): readonly Device[]; set(all: readonly Device[]): void }> = {
    microphone: cell<readonly Device[]>([]), speaker: cell<readonly Device[]>([]), camera: cell<readonly Device[]>([]),
  };
  const testing = cell(false);
  const preview = cell<MediaStream | null>(null);
  const level = cell(0);
  const look = async () => {
    for (const kind of Object.keys(KINDS) as Kind[]) found[kind].set(await media.devices(KINDS[kind]));
  };
  void look();
  const changed = () => void look();
  navigator.mediaDevices?.addEventListener('devicechange', changed);

  effect(() => {
    if (!testing()) return;
    const { microphone, camera } = choices.all();
    let quiet: () => void = () => undefined;
    let over = false;
    void phone.act(media.open({ video: phone.config.dialling.video, microphone, camera }).then(({ stream }) => {
      if (over) {
        media.stop(stream);
        return;
      }
      preview.set(stream);
      quiet = media.listen(stream, level.set);
      void look();
    }));
    ending(() => {
      over = true;
      quiet();
      media.stop(preview.peek());
      preview.set(null);
      level.set(0);
    });
  });
  ending(() => navigator.mediaDevices?.removeEventListener('devicechange', changed));

  const device = (kind: Kind, label: Key): Child => h(
    'div',
    { class: 'field' },
    h('label', { for: `device-${kind}` }, () => t(label)),
    h(
      'select',
      { id: `device-${kind}`, 'on:change': (event: Event) => void choose(kind, (event.target as HTMLSelectElement).value) },
      () => [
        h('option', { value: '' }, t('deviceDefault')),
        ...found[kind]().map(({ id, label: name }, n) => (
          h('option', { value: id, '.selected': choices.all()[kind] === id }, name || t('deviceNumber', { number: n + 1 }))
        )),
      ],
    ),
  );

  // A call under way takes the new one, too.
  async function choose(kind: Kind, id: string): Promise<void> {
    choices.set({ [kind]: id });
    const call = phone.current.peek();
    if (!call || kind === 'speaker') return;
    await phone.act(kind === 'camera'
      ? call.pictured.peek() ? media.camera(id).then((track) => call.replace(track)) : Promise.resolve()
      : media.open({ video: false, microphone: id, camera: '' }).then(({ stream }) => (
        call.replace(stream.getAudioTracks()[0] as MediaStreamTrack)
      )));
  }

  async function notify(on: boolean): Promise<void> {
    const granted = on && 'Notification' in window && await Notification.requestPermission() === 'granted';
    if (on && !granted) phone.tell(t('notifyDenied'), true);
    choices.set({ notify: granted });
  }

  return h(
    'section',
    { class: 'view settings', tabindex: '-1', 'aria-label': () => t('navSettings') },
    heading('navSettings'),
    card(
      'devices',
      device('microphone', 'microphone'),
      device('camera', 'camera'),
      'setSinkId' in HTMLMediaElement.prototype && device('speaker', 'speaker'),
      () => (testing() ? h(
        'div',
        { class: 'trial' },
        phone.config.dialling.video && h('video', { class: 'preview', autoplay: true, playsinline: true, '.muted': true, '.srcObject': () => preview(), 'aria-label': () => t('yourPicture') }),
        h('label', { for: 'level' }, () => t('level')),
        h('meter', { id: 'level', min: '0', max: '1', low: '0.2', high: '0.9', optimum: '0.5', '.value': () => level() }),
      ) : null),
      button(null, () => t(testing() ? 'testEnd' : 'testDevices'), () => testing.set(!testing()), { id: 'test-devices', 'aria-pressed': () => String(testing()) }),
    ),
    card(
      'sounds',
      h(
        'div',
        { class: 'field' },
        h('label', { for: 'ring' }, () => t('ringVolume')),
        h('input', {
          id: 'ring', type: 'range', min: '0', max: '1', step: '0.1', '.value': () => String(choices.all().ring),
          'on:change': (event: Event) => {
            choices.set({ ring: Number((event.target as HTMLInputElement).value) });
            phone.sounds.loop('ring', choices.all.peek().ring);
            window.setTimeout(() => {
              if (!phone.calls.peek().length) phone.sounds.loop(null);
            }, 1800);
          },
        }),
      ),
      check('notify', 'notify', 'notifyText', () => choices.all().notify, (on) => void notify(on)),
    ),
    card(
      'appearance',
      languageChoice(phone),
      h(
        'div',
        { class: 'field' },
        h('label', { for: 'theme' }, () => t('theme')),
        h(
          'select',
          { id: 'theme', 'on:change': (event: Event) => choices.set({ theme: (event.target as HTMLSelectElement).value as Preferences['theme'] }) },
          ...([['auto', 'themeAuto'], ['light', 'themeLight'], ['dark', 'themeDark']] as const).map(([value, key]) => (
            h('option', { value, '.selected': () => choices.all().theme === value }, () => t(key))
          )),
        ),
      ),
    ),
    card(
      'privacy',
      check('relay', 'relayOnly', 'relayOnlyText', () => choices.all().relayOnly, (relayOnly) => choices.set({ relayOnly })),
      'registerProtocolHandler' in navigator && button(null, () => t('handleLinks'), () => {
        for (const scheme of ['tel', 'sip']) navigator.registerProtocolHandler(scheme, `${window.location.pathname}?call=%s`);
      }),
    ),
    card(
      'account',
      h('p', { class: 'own' }, account.address),
      h(
        'div',
        { class: 'field' },
        h('label', { for: 'own-name' }, () => t('ownName')),
        h('input', {
          id: 'own-name', type: 'text', maxlength: '80', autocomplete: 'name', '.value': () => choices.all().name,
          placeholder: phone.config.user.name, 'aria-describedby': 'own-name-text',
          'on:change': (event: Event) => phone.rename((event.target as HTMLInputElement).value),
        }),
        h('p', { id: 'own-name-text', class: 'soft' }, () => t('ownNameText')),
      ),
      h('a', { class: 'button', href: '/password/' }, () => t('changePassword')),
      button('door', () => t('signOut'), () => phone.signOut(), { id: 'sign-out' }),
      button('bin', () => t('forget'), () => phone.forget(), { class: 'button quiet bad' }),
      h('p', { class: 'soft' }, h('a', { href: 'LICENSES.txt' }, () => t('licences'))),
    ),
  );
}

function card(title: Key, ...content: Child[]): HTMLElement {
  return h('section', { class: 'card', 'aria-label': () => t(title) }, h('h2', {}, () => t(title)), ...content);
}

function check(id: string, label: Key, text: Key, value: () => boolean, set: (on: boolean) => void): HTMLElement {
  return h(
    'div',
    { class: 'check' },
    h('input', { id, type: 'checkbox', '.checked': value, 'aria-describedby': `${id}-text`, 'on:change': (event: Event) => set((event.target as HTMLInputElement).checked) }),
    h('div', {}, h('label', { for: id }, () => t(label)), h('p', { id: `${id}-text`, class: 'soft' }, () => t(text))),
  );
}
