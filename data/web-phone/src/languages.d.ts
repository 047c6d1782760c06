// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Made by build.mjs from the files in languages/.
declare module 'languages' {
  import type { Texts } from './languages/en';

  const languages: Readonly<Record<string, Texts>>;
  export default languages;
}
