# SPDX-FileCopyrightText: 2026 The falcot-rtc developers
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from falcot_rtc.errors import UsageError
from falcot_rtc.zone import tsig

# Of tsig-keygen falcot-rtc; the second secret has what would begin a comment outside of quotes.
KEY = """\
key "falcot-rtc" {
\talgorithm hmac-sha256;
\tsecret "6dAAu1wRFgRk2z7/4pDWkY2QHXsTm5Ffmsn3nsUTm/4=";
};
"""
ODD = "# ours\nkey a.b { secret //8=; /* x */ algorithm HMAC-SHA512; };"


def test_what_tsig_keygen_writes() -> None:
    key = tsig.parse(KEY, "x.key")
    assert (key.name, key.algorithm.to_text()) == ("falcot-rtc", "hmac-sha256.")
    assert len(key.secret) == 32
    assert key.signing()["keyring"].name.to_text() == "falcot-rtc."


def test_secrets_with_slashes() -> None:
    assert tsig.parse(KEY.replace("6dAA", "//AA"), "x.key").secret[:2] == b"\xff\xf0"
    with pytest.raises(UsageError):
        tsig.parse(ODD, "x.key")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "0 keys"),
        (KEY + KEY, "2 keys"),
        (KEY.replace("algorithm", "algo"), "lacks an algorithm"),
        (KEY.replace("sha256", "crc32"), "unknown algorithm"),
        (KEY.replace("6dAA", "6dA"), "is not Base64"),
    ],
)
def test_one_clear_error_without_the_secret(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        tsig.parse(text, "/etc/x.key")
    assert str(caught.value).startswith("/etc/x.key: ")
    assert "u1wRFgRk" not in str(caught.value)
