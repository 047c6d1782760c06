# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian packages of this source, built and linted inside the release's own root; their archive.

The build has no network and runs as a user of its own (dpkg-buildpackage(1), lintian(1)).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path

from tests.lab import overlay, source, web_phone
from tests.lab.archive import Suite, scan, write_suite
from tests.lab.cache import REPOSITORY, cache, digest, locked, remove
from tests.lab.command import run
from tests.lab.progress import step
from tests.lab.release import Release
from tests.lab.rootfs import build_root
from tests.lab.signing import keyring

RECIPE = 2
ENTER = Path(__file__).with_name("enter.py")
USER = "builder"
PLACE = "/srv/build"
# Where the source of falcot-rtc-archive finds the key of the archive it will point to.
ARCHIVE_KEYRING = Path("build", "archive-keyring.gpg")
ARCHIVE_URI = Path("build", "archive-uri")
RECORD = "source-digest"
# What no binary package is made of: a changed test needs no new build.
ASIDE = ("tests", "bench", ".ci", "Makefile", "requirements-dev.txt")


def distribution(release: Release, tree: Path = REPOSITORY) -> Path:
    return tree / "dist" / release.codename


def build(release: Release, tree: Path = REPOSITORY) -> tuple[Path, ...]:
    """The .debs of `tree` for `release` in dist/RELEASE; built only when the tree has changed."""
    target = distribution(release, tree)
    names = tuple(name for name in source.files(tree) if name.parts[0] not in ASIDE)
    tree_digest = source.tree_digest(tree, names)
    uri = os.environ.get("URI", "")
    wanted = digest(RECIPE, tree_digest, keyring().read_bytes().hex(), uri)
    with locked(cache() / f"build-{release.codename}.lock"):
        record = target / RECORD
        if not (record.exists() and record.read_text(encoding="utf-8") == wanted):
            _build(release, tree, names, target)
            record.write_text(wanted, encoding="utf-8")
    return tuple(sorted(target.glob("*.deb")))


def build_source(release: Release, tree: Path = REPOSITORY) -> tuple[Path, ...]:
    """The source package in dist/source, for somebody else's build."""
    target = tree / "dist" / "source"
    with builder(release, tree, source.files(tree)) as there:
        with step("source package"):
            there.run(*upstream_tarball(tree))
            there.run("dpkg-buildpackage", "--build=source", "-us", "-uc")
        there.collect(target, ("*.dsc", "*.tar.*", "*.changes", "*.buildinfo"))
    return tuple(sorted(target.glob("*.dsc")))


def upstream_tarball(tree: Path) -> tuple[str, ...]:
    """The command that packs the source without debian/, as format "3.0 (quilt)" wants it."""
    changelog = (tree / "debian" / "changelog").read_text(encoding="utf-8")
    upstream = source.version(changelog).rpartition("-")[0]
    if not upstream:
        return ("true",)
    stem = f"{source.name(changelog)}_{upstream}.orig.tar.xz"
    pack = ("tar", "--create", "--xz", "--sort=name", "--owner=0", "--group=0", "--numeric-owner")
    left_out = ("--exclude=./debian", f"--exclude=./{ARCHIVE_KEYRING.parent}")
    return (*pack, *left_out, f"--file=../{stem}", ".")


@contextmanager
def builder(
    release: Release, tree: Path, names: tuple[Path, ...], suffix: str = ""
) -> Iterator[Builder]:
    """A copy of the source in a fresh overlay of the build root; gone when the block ends."""
    lower = build_root(release, tree / "debian" / "control")
    directory = cache() / "build" / release.codename
    with locked(directory.with_suffix(".lock")):
        # What a killed build left behind.
        overlay.discard(directory)
        try:
            root = overlay.mount(directory, (lower,))
            run(["useradd", "--root", root, "--create-home", "--home-dir", PLACE, USER])
            made = Builder(root=root)
            _copy_source(tree, names, made.place / "source", suffix)
            run(["chroot", root, "chown", "--recursive", f"{USER}:", PLACE])
            yield made
        finally:
            overlay.discard(directory)


def _copy_source(tree: Path, names: tuple[Path, ...], target: Path, suffix: str) -> None:
    source.copy(tree, names, target)
    web_phone.put(tree, names, target)
    changelog = target / "debian" / "changelog"
    text = source.suffixed(changelog.read_text(encoding="utf-8"), suffix)
    changelog.write_text(text, encoding="utf-8")
    if suffix:
        # A source package belongs to no archive yet, so the key is not part of it.
        key = target / ARCHIVE_KEYRING
        key.parent.mkdir(exist_ok=True)
        key.write_bytes(keyring().read_bytes())
        if uri := os.environ.get("URI"):
            (target / ARCHIVE_URI).write_text(f"{uri}\n", encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Builder:
    """A build root with the source in it, and the user who builds there."""

    root: Path

    @property
    def place(self) -> Path:
        return self.root / PLACE.strip("/")

    def run(self, *argv: str) -> str:
        """Run `argv` in the source directory as the builder; return what it printed."""
        isolated = ("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child")
        entering = ("/usr/bin/python3", ENTER, self.root, USER, "--")
        there = ("env", f"--chdir={PLACE}/source", *argv)
        completed = run([*isolated, *entering, *there], shown=argv, where="build root")
        return completed.stdout + completed.stderr

    def collect(self, target: Path, patterns: tuple[str, ...]) -> None:
        """Replace `target` by the results that match `patterns`."""
        partial = target.with_name(f".{target.name}.partial")
        remove(partial)
        partial.mkdir(parents=True)
        for pattern in patterns:
            for result in sorted(self.place.glob(pattern)):
                (partial / result.name).write_bytes(result.read_bytes())
        remove(target)
        partial.rename(target)


def _build(release: Release, tree: Path, names: tuple[Path, ...], target: Path) -> None:
    with builder(release, tree, names, release.suffix) as there:
        with step(f"build for {release.codename}"):
            there.run("dpkg-buildpackage", "--build=binary", "-us", "-uc")
        with step("lintian") as said:
            changes = [f"../{path.name}" for path in there.place.glob("*.changes")]
            strict = ("--fail-on", "error,warning", "--no-cfg")
            there.run("lintian", *strict, *changes)
            said.append("no error, no warning")
        there.collect(target, ("*.deb", "*.changes", "*.buildinfo"))


def repo(release: Release, tree: Path = REPOSITORY) -> Path:
    """A signed archive with one suite, CODENAME, of what `build` built, in dist/RELEASE/repo."""
    debs = build(release, tree)
    target = distribution(release, tree) / "repo"
    if not target.is_dir():
        with step(f"signed archive for {release.codename}"):
            publish(release, debs, target)
    return target


def publish(release: Release, debs: tuple[Path, ...], target: Path) -> None:
    """Make the signed archive `target` of `debs`, which may hold several versions."""
    partial = target.with_name(f".{target.name}.partial")
    remove(partial)
    (partial / "pool").mkdir(parents=True)
    for deb in debs:
        shutil.copyfile(deb, partial / "pool" / deb.name)
    suite = Suite(
        codename=release.codename,
        suite=release.codename,
        origin="falcot-rtc",
        label="falcot-rtc",
    )
    architecture = run(["dpkg", "--print-architecture"]).stdout.strip()
    write_suite(partial, suite, scan(partial), architecture, formatdate(usegmt=True))
    partial.rename(target)
