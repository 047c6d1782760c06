# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from falcot_rtc.errors import UsageError
from falcot_rtc.packaging import config_script, templates
from falcot_rtc.policies import ALL
from falcot_rtc.policy import Policy
from falcot_rtc.resources import Question
from falcot_rtc.settings import BY_PATH, EDIT, parse_value

DEBIAN = Path(__file__).parents[3] / "debian"
SCRIPT = (DEBIAN / "falcot-rtc.config").read_text(encoding="utf-8")
NAMES = [question.name.partition("/")[2] for question in templates.questions(ALL)]


def shell(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ("/bin/sh", "-c", script, "sh", *arguments), capture_output=True, text=True
    )


def function(name: str) -> str:
    found = re.search(rf"^{name}\(\) {{\n.*?^}}\n", SCRIPT, re.MULTILINE | re.DOTALL)
    assert found, name
    return found[0]


def fault(question: str, value: str) -> str:
    """What config says of an answer: the name of an error template, or nothing."""
    script = function("is_valid") + function("fault") + 'fault "$1" "$2"\n'
    done = shell(script, question, value)
    assert not done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("question", templates.questions(ALL), ids=NAMES)
def test_priority_is_that_of_the_question(question: Question) -> None:
    done = shell(function("priority") + 'priority "$1"\n', question.name.partition("/")[2])
    assert done.stdout.strip() == question.priority


@pytest.mark.parametrize("script", ["config", "postinst"])
def test_script_knows_every_question(script: str) -> None:
    text = (DEBIAN / f"falcot-rtc.{script}").read_text(encoding="utf-8")
    listed = re.search(r"^questions='([^']*)'", text, re.MULTILINE)
    assert listed
    assert sorted(listed[1].split()) == sorted(NAMES)


# As debconf's confmodule does with each command: what is unset comes back empty.
DB_SET = """
db_set() { saved="$IFS"; IFS=' '; printf '%s=%s;' "$1" "$2"; IFS="$saved"; }
"""


@pytest.mark.parametrize("lines", ["", "falcot-rtc/a\tx, y\nfalcot-rtc/b\tz\n"])
def test_lists_are_lists_after_the_settings_were_loaded(tmp_path: Path, lines: str) -> None:
    """They were one long word, and an interactive dpkg-reconfigure asked nothing."""
    hook = tmp_path / "hook"
    hook.write_text(f"#!/bin/sh\nprintf '%s' '{lines}'\n")
    hook.chmod(0o755)
    script = f"{DB_SET}hook=$1\nsettings=$1\nquestions='m n'\n" + function("load_settings")
    done = shell(
        script + 'load_settings\ndb_set later 1\nfor one in $questions; do echo "<$one>"; done\n',
        str(hook),
    )
    loaded = "falcot-rtc/a=x, y;falcot-rtc/b=z;" if lines else ""
    assert (done.stdout, done.stderr) == (f"{loaded}later=1;<m>\n<n>\n", "")


def test_updated_replaces_the_marked_part_only() -> None:
    question = Question(
        name="falcot-rtc/x", type="string", priority="low", short="X:", long="An x."
    )
    script = f"before\n{config_script.BEGIN}stale\n{config_script.END}after\n"
    updated = config_script.updated(script, [Policy(name="p", questions=(question,))])
    assert updated.startswith(f"before\n{config_script.BEGIN}priority() {{\n")
    assert "\tx) echo low ;;\n" in updated
    assert updated.endswith(f"{config_script.END}after\n")
    assert "stale" not in updated


def test_updated_refuses_a_script_without_marks() -> None:
    with pytest.raises(ValueError, match="marks of the generated part"):
        config_script.updated("#!/bin/sh\n", ALL)


ANSWERS = {
    "domain": (
        "falcot.com", "FALCOT.com.", " falcot.com ", "a.b.example", "xn--mnchen-3ya.de",
        "münchen.de", "MÜNCHEN.DE.", "münchen", "münchen.", "münchen..de", "-münchen.de",
        "mün chen.de", "mün_chen.de", "mün\tchen.de", "a.b/ü", "münchen。de", "münchen.123",
        "例え.テスト", "col·lecció.cat", "दिल्ली.भारत", "дом.рф", "☎.example", "ü" * 64 + ".de",
        "x" * 63 + ".com", "x" * 64 + ".com", "falcot", "falcot..com", "-falcot.com",
        "falcot-.com", "falcot.123", "fal_cot.com", "falcot.com\nexample.org", "198.51.100.19",
        ".".join(["x" * 60] * 5), "a;b.com",
    ),
    "ipv4": (
        "198.51.100.19", " 198.51.100.19 ", "10.0.0.1", "198.51.100", "198.51.100.300", "01.2.3.4",
        "0.0.0.0", "127.0.0.1", "127.9.9.9", "224.0.0.1", "239.1.2.3", "169.254.1.1",
        "255.255.255.255", "2001:db8::1", "host.example", "240.0.0.1",
    ),
    "ipv6": (
        "2001:db8:1000:2000::19", "2001:DB8::19", "fd00::1", "::", "::1", "fe80::1", "fe80::1%eth0",
        "febf::1", "fec0::1", "ff02::1", "::ffff:198.51.100.19", "198.51.100.19", "2001:db8::19/64",
        "1::2::3",
    ),
    "admin": (
        "admin", "anna.smith", "a_b-c", "x" * 64, "x" * 65, "Admin", "a b", "a@b", ".a", "a.",
        "a..b", "12345", "12.5", "falcot-rtc-check-1", "union-select", "jürgen",
    ),
    "acme-email": (
        "me@falcot.com", "a.b+c@mail.falcot.com", "me", "me@", "@falcot.com", "a b@falcot.com",
        "me@localhost", "a..b@falcot.com", ".a@falcot.com", "a.@falcot.com", '"a"@falcot.com',
        "me@x@falcot.com", f"{'x' * 64}@falcot.com", f"{'x' * 65}@falcot.com", "jürgen@falcot.com",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("question", "value"), [(name, value) for name, values in ANSWERS.items() for value in values]
)
def test_config_accepts_an_answer_exactly_if_settings_do(question: str, value: str) -> None:
    row = next(q for q in templates.questions(ALL) if q.name == f"falcot-rtc/{question}")
    try:
        parse_value(BY_PATH[row.key], value, EDIT)
    except UsageError:
        assert fault(question, value) == f"bad-{question.removeprefix('acme-')}"
    else:
        assert fault(question, value) == ""


@pytest.mark.parametrize(
    "question", ["domain", "ipv4", "ipv4-alternate", "ipv6", "admin", "acme-email"]
)
def test_nothing_is_an_answer(question: str) -> None:
    assert fault(question, "") == ""


@pytest.mark.parametrize("role", ["turn", "sip", "xmpp", "web"])
def test_addresses_of_port_443_are_judged_like_the_others(role: str) -> None:
    assert fault(f"port443-{role}-ipv4", "198.51.100.21") == ""
    assert fault(f"port443-{role}-ipv4", "127.0.0.1") == "bad-ipv4"
    assert fault(f"port443-{role}-ipv6", "2001:db8::21") == ""
    assert fault(f"port443-{role}-ipv6", "198.51.100.21") == "bad-ipv6"
    assert fault(f"port443-{role}-ipv6", "") == ""


@pytest.mark.parametrize("question", ["certificate-path", "key-path"])
def test_paths_name_an_existing_file(question: str, tmp_path: Path) -> None:
    there = tmp_path / "cert.pem"
    there.touch()
    spaced = tmp_path / "a cert.pem"
    spaced.touch()
    assert fault(question, str(there)) == ""
    for wrong in ("", str(tmp_path), str(spaced), "cert.pem", f"{tmp_path}/../cert.pem"):
        assert fault(question, wrong) == "bad-path"


@pytest.mark.parametrize(
    "script",
    sorted(DEBIAN.glob("*.config")) + sorted(DEBIAN.glob("*.p*inst")),
    ids=lambda p: p.name,
)
def test_maintainer_scripts_parse(script: Path) -> None:
    assert shutil.which("sh")
    done = subprocess.run(("/bin/sh", "-n", script), capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
