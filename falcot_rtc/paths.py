# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where falcot-rtc keeps its own things (FHS 3.0); paths of other packages are their policy's."""

from __future__ import annotations

ETC = "/etc/falcot-rtc"
SETTINGS = f"{ETC}/settings.toml"
POLICY_D = f"{ETC}/policy.d"
LOCAL_D = f"{ETC}/local.d"
SECRETS = f"{ETC}/secrets"
CA = f"{ETC}/ca"
CURRENT = f"{ETC}/current"

STATE = "/var/lib/falcot-rtc"
GENERATIONS = f"{STATE}/generations"
TLS = f"{STATE}/tls"
ACCOUNTS = f"{STATE}/accounts.sqlite"
MANIFEST = f"{STATE}/manifest.json"
RUNNING = f"{STATE}/running.json"
BASE = f"{STATE}/answers"
BEFORE = f"{STATE}/before"
PURGE_LIST = f"{STATE}/purge.list"
PUBLISHED = f"{STATE}/published.json"
JUDGED = f"{STATE}/judged.json"
# certbot's directories of our own (--config-dir and so on), and where it puts what it got.
ACME = f"{STATE}/acme"
ACME_WEBROOT = f"{ACME}/webroot"
ACME_LINEAGE = "falcot-rtc"
ACME_CHAIN = f"{ACME}/config/live/{ACME_LINEAGE}/fullchain.pem"
ACME_KEY = f"{ACME}/config/live/{ACME_LINEAGE}/privkey.pem"
# Where `cert install` keeps what it was given.
INSTALLED = f"{ETC}/certificate"
COMPILED = "/var/cache/falcot-rtc/templates"

EDITED = f"{STATE}/edited"
# In each generation: what was rendered, so that edits by hand are noticed.
RENDERED = ".rendered.json"

LOCK = "/run/lock/falcot-rtc.lock"
HOLD_DROPIN = "00-falcot-rtc-hold.conf"
UNITS_ETC, UNITS_RUN = "/etc/systemd/system", "/run/systemd/system"
