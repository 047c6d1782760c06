# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A golden case: tests/golden/POLICY/CASE/, settings in, all that is rendered from them out.

In: settings.toml, policy.d/*.toml, local.d/PROVIDER/*. Out, below expected/: current/ (the
generation), host/ (files of ours outside it), resources.txt, endpoints.txt, certificate-names.txt.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from falcot_rtc import derive, settings
from falcot_rtc.policies import tls
from falcot_rtc.policy import Site
from falcot_rtc.resources import (
    CertificateCopy,
    Data,
    Directory,
    HostFile,
    Link,
    Masked,
    Resource,
    TreeFile,
    Unit,
    Validator,
)

HERE = Path(__file__).parent
SECRETS = {
    "phone-token": "phone-token-of-golden-cases",
    "turn-minted": "1700000000 the-former-secret\n1700086400 the-secret-of-the-golden-cases\n",
    "sip-minted": "1700000000 the-former-secret-for-sip\n1700086400 the-secret-for-sip\n",
    "turn-cli": "the-command-line-of-the-golden-cases",
    "xmpp-decoys": "what-salts-of-nobody-are-made-of",
}


def cases() -> list[Path]:
    return sorted(file.parent for file in HERE.glob("*/*/settings.toml"))


def name(case: Path) -> str:
    return str(case.relative_to(HERE))


def site(case: Path) -> Site:
    """The site of a case; everything comes from its folder."""
    chosen = settings.parse((case / "settings.toml").read_text())
    tuned = derive.tunables({f.stem: f.read_text() for f in case.glob("policy.d/*.toml")})
    wanted = (*derive.secret_names(chosen), *derive.minting_secrets(chosen))
    return Site(
        settings=chosen,
        release="trixie",
        endpoints=derive.endpoints(chosen, tuned),
        tunables=tuned,
        secrets={name: SECRETS[name] for name in wanted},
        overlays={
            provider.name: {file.name: file.read_text() for file in sorted(provider.iterdir())}
            for provider in sorted(case.glob("local.d/*"))
        },
    )


def rendered(case: Path) -> dict[str, str]:
    """What expected/ should hold, by path below it."""
    of_case = site(case)
    resources = derive.desired(of_case).resources
    found = {f"current/{r.path}": r.content for r in resources if isinstance(r, TreeFile)}
    found |= {f"host{r.path}": r.content for r in resources if isinstance(r, HostFile)}
    lines = [line for resource in dict.fromkeys(resources) for line in _lines(resource)]
    found["resources.txt"] = "".join(f"{line}\n" for line in lines)
    found["endpoints.txt"] = "".join(
        f"{e.id:28} {e.protocol} {e.host}:{e.port}"
        f"{f'-{e.last_port}' if e.last_port else ''}{' TLS' if e.tls else ''} {e.reach} "
        f"{e.daemon} {e.name}{'' if e.public == e.address else f' seen as {e.public}'}\n"
        for e in of_case.endpoints
    )
    found["certificate-names.txt"] = "".join(f"{n}\n" for n in tls.names(of_case.settings))
    return found


def _lines(resource: Resource) -> Iterator[str]:
    match resource:
        case TreeFile(path=path, group=group, mode=mode):
            yield f"file current/{path} root:{group} {mode:04o}"
        case HostFile(path=path, mode=mode):
            yield f"file {path} root:root {mode:04o}"
        case Link(path=path, target=target):
            yield f"link {path} -> {target}"
        case Directory(path=path, owner=owner, group=group, mode=mode):
            yield f"directory {path} {owner}:{group} {mode:04o}"
        case CertificateCopy(directory=directory, group=group, names=names):
            for chain, key in names:
                yield f"certificate {directory}/{chain} {key} root:{group}"
        case Unit(name=unit, restart_on=restart_on, reload_on=reload_on, stock=stock):
            yield f"unit {unit}{'' if stock else ' (ours)'}"
            yield from (f"  restart on {path}" for path in restart_on)
            yield from (f"  reload on {path}" for path in reload_on)
        case Masked(name=unit):
            yield f"masked {unit}"
        case Data(path=path, unit=unit):
            yield f"data {path} of {unit}"
        case Validator(name=validator, argv=argv, env=env):
            yield f"validator {validator}: {' '.join([*(f'{k}={v}' for k, v in env), *argv])}"


def expected(case: Path) -> dict[str, str]:
    base = case / "expected"
    return {
        str(file.relative_to(base)): file.read_text() for file in base.rglob("*") if file.is_file()
    }


def regenerate(case: Path) -> list[str]:
    """Make expected/ what is rendered now; returns the paths that changed."""
    old, new = expected(case), rendered(case)
    for path in old.keys() - new.keys():
        (case / "expected" / path).unlink()
    for path, content in new.items():
        if old.get(path) != content:
            at = case / "expected" / path
            at.parent.mkdir(parents=True, exist_ok=True)
            at.write_text(content)
    return sorted(path for path in old.keys() | new.keys() if old.get(path) != new.get(path))
