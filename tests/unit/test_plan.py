# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
from typing import Any

import pytest

from falcot_rtc import actions, edits, plan
from falcot_rtc.facts import Facts, UnitState
from falcot_rtc.resources import (
    Directory,
    HostFile,
    Link,
    Masked,
    Resource,
    TreeFile,
    Unit,
    Validator,
)

DROPIN = "/etc/systemd/system/a.service.d/50-falcot-rtc.conf"
HOLD = "/run/systemd/system/{}.d/00-falcot-rtc-hold.conf"
FILE = TreeFile(path="a/a.conf", content="one\n")
UNIT = Unit(name="a.service", restart_on=("a/",), reload_on=("/var/lib/falcot-rtc/tls/a/",))
VALIDATOR = Validator(name="a", argv=("a", "-c", "{tree}/a/a.conf"))
COPIES = {"/var/lib/falcot-rtc/tls/a/": "1"}
ON, OFF = (UnitState(loaded=True, active=state, enabled=state) for state in (True, False))
WANTED: tuple[Resource, ...] = (
    FILE,
    VALIDATOR,
    HostFile(path=DROPIN, content="[Service]\n"),
    Link(path="/etc/a/a.conf", target="/etc/falcot-rtc/current/a/a.conf"),
    UNIT,
)


def facts(**more: Any) -> Facts:
    """A host that has nothing yet."""
    row: dict[str, Any] = {
        "systemd": True, "generation": None, "generations": (), "tree": {}, "rendered": {},
        "outside": {},
        "manifest": (), "units": {"a.service": OFF}, "managed": (), "running": {}, "holds": (),
        "directories": {}, "before": {},
    }  # fmt: skip
    return Facts(**{**row, **more})


def settled(**more: Any) -> Facts:
    """A host that has just what is wanted."""
    row: dict[str, Any] = {
        "generation": 4,
        "generations": (3, 4),
        "tree": {FILE.path: FILE},
        "outside": {
            DROPIN: b"[Service]\n",
            "/etc/a/a.conf": "/etc/falcot-rtc/current/a/a.conf",
        },
        "manifest": (DROPIN, "/etc/a/a.conf"),
        "units": {"a.service": ON},
        "managed": ("a.service",),
        "running": {"a.service": plan.digests(UNIT, WANTED, COPIES)},
    }
    return facts(**{**row, **more})


def planned(
    now: Facts, wanted: tuple[Resource, ...] = WANTED, copies: dict[str, str] = COPIES
) -> list[str]:
    return [actions.describe(action) for action in plan.plan(wanted, now, copies)]


def test_a_first_plan_in_its_order() -> None:
    assert planned(facts()) == [
        "write generation 1",
        "let a judge it",
        "switch to generation 1",
        f"write {DROPIN}",
        "link /etc/a/a.conf -> /etc/falcot-rtc/current/a/a.conf",
        "enable a.service (it starts at boot)",
        "let systemd read its units again",
        "restart a.service (it does not run)",
    ]


def test_a_settled_host_needs_nothing() -> None:
    assert planned(settled()) == []


def test_generations_are_never_used_twice() -> None:
    stale = {FILE.path: TreeFile(path=FILE.path, content="old\n")}
    assert planned(settled(tree=stale, generations=(3, 4, 9)))[0] == "write generation 10"


@pytest.mark.parametrize(
    "present",
    [
        TreeFile(path=FILE.path, content="one\n", mode=0o600),
        TreeFile(path=FILE.path, content="one\n", group="games"),
        TreeFile(path=FILE.path, content="one \n"),
    ],
)
def test_content_and_access_both_count(present: TreeFile) -> None:
    assert "write generation 5" in planned(settled(tree={FILE.path: present}))


def test_a_file_too_many_counts() -> None:
    more = {FILE.path: FILE, "b": TreeFile(path="b", content="")}
    assert "write generation 5" in planned(settled(tree=more))


def test_a_change_of_settings_restarts() -> None:
    new = (TreeFile(path="a/a.conf", content="two\n"), *WANTED[1:])
    assert planned(settled(), new) == [
        "write generation 5",
        "let a judge it",
        "switch to generation 5",
        "restart a.service (its settings change)",
    ]


def test_who_has_a_port_for_another_goes_first_and_comes_back_with_it() -> None:
    new = (TreeFile(path="a/a.conf", content="two\n"), *WANTED[1:])
    done = plan.plan(new, settled(), COPIES, yielding=("a.service", "gone.service"))
    assert [actions.describe(action) for action in done] == [
        "write generation 5",
        "let a judge it",
        "switch to generation 5",
        "stop a.service (another service gets a port of it)",
        "restart a.service (it gave way)",
    ]


def test_a_file_of_somebody_else_restarts_nothing() -> None:
    assert "restart" not in str(planned(settled(), (*WANTED, TreeFile(path="ab/x", content=""))))


def test_a_changed_drop_in_restarts_where_the_unit_says_so() -> None:
    unit = Unit(name="a.service", restart_on=(DROPIN,))
    old, new = (
        (HostFile(path=DROPIN, content=text), unit) for text in ("[Service]\n", "[Service]\n#\n")
    )
    running = {"a.service": plan.digests(unit, old, {})}
    now = facts(outside={DROPIN: b"[Service]\n"}, units={"a.service": ON}, running=running)
    assert planned(now, new, {}) == [
        f"write {DROPIN}",
        "let systemd read its units again",
        "restart a.service (its settings change)",
    ]


def test_a_new_certificate_reloads() -> None:
    assert planned(settled(), copies={"/var/lib/falcot-rtc/tls/a/": "2"}) == [
        "reload a.service (new certificate, pages or secrets)"
    ]


def test_a_unit_of_which_nothing_is_known_is_restarted() -> None:
    assert planned(settled(running={})) == ["restart a.service (its settings change)"]


def test_systemd_reads_what_it_has_not_read_yet() -> None:
    stale = UnitState(loaded=True, active=True, enabled=True, stale=True)
    assert planned(settled(units={"a.service": stale})) == ["let systemd read its units again"]


def test_directories() -> None:
    wanted = Directory(path="/var/lib/x", group="a", mode=0o750)
    assert planned(facts(), (wanted,)) == ["make directory /var/lib/x"]
    assert planned(facts(directories={"/var/lib/x": wanted}), (wanted,)) == []
    open_to_all = Directory(path="/var/lib/x", group="a", mode=0o755)
    assert planned(facts(directories={"/var/lib/x": open_to_all}), (wanted,))


def test_what_went_is_stopped_before_its_files_go() -> None:
    now = settled(
        manifest=(DROPIN, "/etc/a/a.conf", "/etc/old"),
        outside={**settled().outside, "/etc/old": b"x"},
        units={"a.service": ON, "old.service": ON},
        managed=("a.service", "old.service"),
    )
    assert planned(now) == [
        "stop old.service (no role needs it here)",
        "disable old.service (no role needs it here)",
        "remove /etc/old",
        "let systemd read its units again",
    ]


def test_what_ran_before_us_runs_again() -> None:
    now = settled(before={"a.service": (True, True)})
    assert planned(now, ()) == [
        "stop a.service (no role needs it here)",
        "disable a.service (no role needs it here)",
        f"remove {DROPIN}",
        "remove /etc/a/a.conf",
        "enable a.service (back to its own settings)",
        "let systemd read its units again",
        "start a.service (back to its own settings)",
        "let go of the present generation",
    ]


def test_what_is_gone_already_is_not_removed() -> None:
    assert planned(settled(manifest=(DROPIN, "/etc/a/a.conf", "/etc/old"))) == []


def test_a_replaced_unit_is_stopped_while_its_successor_starts() -> None:
    now = facts(units={"a.service": OFF, "stock.service": ON})
    lines = planned(now, (*WANTED, Masked(name="stock.service")))
    assert lines.index("stop stock.service (an instance of ours replaces it)") < lines.index(
        "restart a.service (it does not run)"
    )
    assert "disable stock.service (an instance of ours replaces it)" in lines


def test_somebodys_own_service_runs_on_beside_ours() -> None:
    beside = (*WANTED, Masked(name="stock.service"))
    now = facts(
        units={"a.service": OFF, "stock.service": ON}, before={"stock.service": (True, True)}
    )
    assert plan.foreign(beside, now) == {"stock.service"}
    assert not [line for line in planned(now, beside) if "stock.service" in line]
    ended = facts(
        units={"a.service": OFF, "stock.service": OFF}, before={"stock.service": (True, True)}
    )
    assert plan.foreign(beside, ended) == set()


def test_a_hold_is_lifted_when_nothing_can_start_behind_it() -> None:
    hold = HOLD.format("a.service")
    assert f"remove {hold}" in planned(facts(holds=(hold,)))
    enabled = UnitState(loaded=True, active=False, enabled=True)
    assert planned(facts(holds=(hold,), units={"a.service": enabled}), ()) == [
        "disable a.service (no role needs it here)",
        f"remove {hold}",
        "let systemd read its units again",
    ]


def test_a_held_unit_that_no_role_needs_is_disabled_first() -> None:
    hold = HOLD.format("b.service")
    enabled = UnitState(loaded=True, active=False, enabled=True)
    lines = planned(facts(holds=(hold,), units={"a.service": OFF, "b.service": enabled}))
    assert lines.index("disable b.service (no role needs it here)") < lines.index(f"remove {hold}")


def test_an_edit_by_hand_is_kept_before_its_generation_is_left() -> None:
    edit = TreeFile(path=FILE.path, content="my own\n")
    now = settled(tree={FILE.path: edit}, rendered={FILE.path: edits.fingerprint(FILE.content)})
    kept, staged, *rest = planned(now)
    assert kept.startswith(
        "keep a/a.conf, edited by hand, as /var/lib/falcot-rtc/edited/4/a/a.conf"
    )
    assert staged == "write generation 5"
    assert rest[-1] == "restart a.service (its file was edited)"


def test_an_edited_dropin_is_kept_aside_and_its_unit_restarted() -> None:
    outside = {**settled().outside, DROPIN: b"mine\n"}
    written = {DROPIN: (edits.fingerprint("[Service]\n"),)}
    unit = Unit(name="a.service", restart_on=("a/", "/etc/systemd/system/a.service.d/"))
    wanted = (*WANTED[:-1], unit)
    running = {"a.service": plan.digests(unit, wanted, COPIES)}
    now = settled(outside=outside, written=written, running=running)
    keep, put, read, restart = planned(now, wanted)
    digest = edits.fingerprint("mine\n")
    aside = f"/var/lib/falcot-rtc/edited/4{DROPIN}.{digest[:8]}"
    assert keep.startswith(f"keep {DROPIN}, edited by hand, as {aside} (")
    assert put == f"write {DROPIN}"
    assert read == "let systemd read its units again"
    assert restart == "restart a.service (its file was edited)"
    # Letting go removes it, which is no reason to lose it.
    assert any(line.startswith(f"keep {DROPIN}, ") for line in planned(now, ()))


def test_a_unit_that_reloads_its_file_is_reloaded_when_that_was_edited() -> None:
    unit = Unit(name="a.service", reload_on=("a/",))
    wanted = tuple(unit if resource == UNIT else resource for resource in WANTED)
    now = settled(
        tree={FILE.path: TreeFile(path=FILE.path, content="my own\n")},
        rendered={FILE.path: edits.fingerprint(FILE.content)},
        running={"a.service": plan.digests(unit, wanted, COPIES)},
    )
    assert planned(now, wanted)[-1] == "reload a.service (its file was edited)"


def test_digests_do_not_run_into_each_other() -> None:
    split = [("a/x", "yz"), ("a/xy", "z")]
    found = {
        plan.wanted_digest(("a/",), [TreeFile(path=path, content=text)], {}) for path, text in split
    }
    assert len(found) == 2


JAILS = HostFile(path="/etc/fail2ban/jail.d/falcot-rtc.conf", content="[x]\n")
FAIL2BAN = "reload fail2ban.service (it reads files of ours)"


def test_who_reads_files_of_ours_is_told_at_the_end() -> None:
    now = settled(readers=("fail2ban.service",))
    assert planned(now, (*WANTED, JAILS)) == [f"write {JAILS.path}", FAIL2BAN]
    assert planned(settled(), (*WANTED, JAILS)) == [f"write {JAILS.path}"]


def test_who_read_files_of_ours_is_told_when_they_go() -> None:
    manifest = (*settled().manifest, JAILS.path)
    outside = {**settled().outside, JAILS.path: b"[x]\n"}
    now = settled(readers=("fail2ban.service",), manifest=manifest, outside=outside)
    assert planned(now) == [f"remove {JAILS.path}", FAIL2BAN]
