# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from falcot_rtc.zone import compare
from falcot_rtc.zone.ask import Answer, Question, Said
from falcot_rtc.zone.compare import Expected, Finding
from falcot_rtc.zone.records import Row, row
from falcot_rtc.zone.servers import Server

PROXY, DOMAIN, SIPS = "sip-proxy.falcot.com.", "falcot.com.", "_sips._tcp.falcot.com."
KEYS = "_5061._tcp.sip-proxy.falcot.com."
AA, BB = "aa" * 32, "bb" * 32
STRAY = "falcot-rtc-check-1.falcot.com."
ROWS = (
    (PROXY, "A", "198.51.100.19"),
    (PROXY, "AAAA", "2001:db8::19"),
    (SIPS, "SRV", "0 1 5061 sip-proxy.falcot.com."),
    (DOMAIN, "NAPTR", '10 0 "s" "SIPS+D2T" "" _sips._tcp.falcot.com.'),
    (KEYS, "TLSA", f"2 1 1 {AA}"),
)
EXPECTED = Expected(
    domain="falcot.com",
    rows=frozenset(row(*one) for one in ROWS),
    hosts=frozenset({PROXY, DOMAIN, "turn-server.falcot.com."}),
    public=frozenset({"198.51.100.19", "2001:db8::19"}),
    inside=frozenset({"10.0.0.5"}),
    stray=STRAY,
)
NS1, NS2 = (Server(name=f"ns{n}.falcot.com.", address=f"192.0.2.{n}") for n in (1, 2))


def said(server: Server = NS1, **changed: Answer) -> Said:
    """All as it should be, but for the answers that are given by type, or by place for others."""
    answers: dict[Question, Answer] = {
        (name, kind): Answer(rows=frozenset({row(name, kind, data)})) for name, kind, data in ROWS
    }
    names = {"A": PROXY, "AAAA": PROXY, "SRV": SIPS, "NAPTR": DOMAIN, "TLSA": KEYS}
    for kind, answer in changed.items():
        answers[names[kind], kind] = answer
    return Said(server=server, answers=answers)


def rows(name: str, kind: str, *data: str) -> Answer:
    return Answer(rows=frozenset(row(name, kind, one) for one in data))


def found(*of: Said) -> list[tuple[str, str, str, str]]:
    return [(f.status, f.action, f.record, f.instead) for f in compare.compare(EXPECTED, of)]


def only(*of: Said) -> Finding:
    (finding,) = compare.compare(EXPECTED, of)
    return finding


NOTHING = Answer(rows=frozenset())


def test_nothing_is_found_where_all_is_right() -> None:
    assert found(said(), said(NS2)) == []


@pytest.mark.parametrize(
    ("kind", "status"), [("A", "fail"), ("SRV", "fail"), ("NAPTR", "warn"), ("TLSA", "warn")]
)
def test_what_is_missing_is_to_be_added(kind: str, status: str) -> None:
    (name, _, data) = next(one for one in ROWS if one[1] == kind)
    assert found(said(**{kind: NOTHING})) == [(status, "add", f"{name} {kind} {data}", "")]


def test_the_handbooks_wrong_port_is_to_be_changed() -> None:
    wrong = "0 1 3467 sip-proxy.falcot.com."
    finding = only(said(SRV=rows(SIPS, "SRV", wrong)))
    assert (finding.status, finding.action) == ("fail", "change")
    assert finding.record == f"{SIPS} SRV {wrong}"
    assert finding.instead == "0 1 5061 sip-proxy.falcot.com."
    assert "nothing of this site listens there" in finding.why


def test_a_wrong_one_beside_the_right_one_is_to_be_deleted() -> None:
    both = rows(SIPS, "SRV", "0 1 5061 sip-proxy.falcot.com.", "0 1 3467 sip-proxy.falcot.com.")
    assert found(said(SRV=both)) == [
        ("fail", "delete", f"{SIPS} SRV 0 1 3467 sip-proxy.falcot.com.", "")
    ]


def test_somebody_elses_server_beside_ours_is_only_noted() -> None:
    both = rows(SIPS, "SRV", "0 1 5061 sip-proxy.falcot.com.", "9 1 5061 backup.example.net.")
    assert found(said(SRV=both)) == [("ok", "note", f"{SIPS} SRV 9 1 5061 backup.example.net.", "")]


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("203.0.113.9", "no address of this host"),
        ("10.0.0.5", "behind NAT"),
    ],
)
def test_a_wrong_address_is_explained(address: str, why: str) -> None:
    finding = only(said(A=rows(PROXY, "A", address)))
    assert (finding.action, finding.record) == ("change", f"{PROXY} A {address}")
    assert (finding.instead, why in finding.why) == ("198.51.100.19", True)


def test_a_second_address_sends_clients_elsewhere() -> None:
    finding = only(said(A=rows(PROXY, "A", "198.51.100.19", "203.0.113.9")))
    assert (finding.action, finding.record) == ("delete", f"{PROXY} A 203.0.113.9")


def test_our_own_address_where_none_belongs() -> None:
    answers = said()
    answers.answers["turn-server.falcot.com.", "AAAA"] = rows(
        "turn-server.falcot.com.", "AAAA", "2001:db8::19"
    )
    finding = only(answers)
    assert finding.action == "delete" and "this host's, but" in finding.why


def test_an_alias_is_named_with_what_belongs_there() -> None:
    alias = Answer(rows=frozenset(), alias="other.example.net.")
    finding = only(said(A=alias, AAAA=rows(PROXY, "AAAA", "2001:db8::19")))
    assert finding.record == f"{PROXY} CNAME other.example.net."
    assert (finding.status, finding.instead) == ("fail", "A 198.51.100.19")
    assert "RFC 2782" in finding.why


def test_a_wildcard_that_answers_instead_is_named() -> None:
    answers = said(A=rows(PROXY, "A", "203.0.113.9"))
    answers.answers[STRAY, "A"] = rows(STRAY, "A", "203.0.113.9")
    finding = only(answers)
    assert (finding.action, finding.record) == ("add", f"{PROXY} A 198.51.100.19")
    assert finding.why == "*.falcot.com answers instead"


def test_an_old_key_alone_is_a_fault_and_beside_the_new_one_none() -> None:
    alone = said(TLSA=rows(KEYS, "TLSA", f"2 1 1 {BB}"))
    assert found(alone) == [("fail", "change", f"{KEYS} TLSA 2 1 1 {BB}", f"2 1 1 {AA}")]
    assert found(said(TLSA=rows(KEYS, "TLSA", f"2 1 1 {AA}", f"2 1 1 {BB}"))) == []


def test_naptr_of_others_is_theirs_and_ours_for_nothing_is_not() -> None:
    right, theirs = ROWS[3][2], '10 0 "u" "E2U+sip" "!^.*$!sip:x@example.net!" .'
    assert found(said(NAPTR=rows(DOMAIN, "NAPTR", right, theirs))) == []
    stale = '20 0 "s" "SIP+D2U" "" _sip._udp.falcot.com.'
    assert found(said(NAPTR=rows(DOMAIN, "NAPTR", right, stale))) == [
        ("fail", "delete", f"{DOMAIN} NAPTR {stale}", "")
    ]


def test_servers_that_disagree_are_named() -> None:
    finding = only(said(), said(NS2, A=NOTHING))
    assert finding.servers == ("ns2.falcot.com (192.0.2.2)",)
    assert finding.why == "the servers disagree"
    assert only(said(A=NOTHING), said(NS2, A=NOTHING)).servers == ()


def test_a_silent_server_does_not_count_as_disagreeing() -> None:
    dead = Said(server=NS2, fault="it does not answer")
    assert only(said(A=NOTHING), dead).servers == ()


def test_a_zone_without_any_record_of_ours() -> None:
    empty = Said(server=NS1, answers={(name, kind): NOTHING for name, kind, _ in ROWS})
    assert not compare.is_published(EXPECTED, [empty])
    assert compare.is_published(EXPECTED, [said()])
    wrong = rows(SIPS, "SRV", "0 1 3467 sip-proxy.falcot.com.")
    assert compare.is_published(EXPECTED, [Said(server=NS1, answers={(SIPS, "SRV"): wrong})])


def test_a_line_for_people() -> None:
    finding = only(said(), said(NS2, A=rows(PROXY, "A", "203.0.113.9")))
    assert str(finding) == (
        f"change {PROXY} A 203.0.113.9, should be 198.51.100.19: no address of this host; "
        "the servers disagree (at ns2.falcot.com (192.0.2.2))"
    )
    assert str(Row(name="a.", type="A", data="192.0.2.1")) == "a. A 192.0.2.1"
