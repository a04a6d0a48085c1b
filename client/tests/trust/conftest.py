"""Sound configurations, and a throw-away certificate authority whose key nobody has any more."""

from pathlib import Path

import pytest
from hypothesis import strategies as st

from labpass.trust.config import ALGORITHMS, TrustConfig

GOLDEN = Path(__file__).parent / "golden"
NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,20}[a-z0-9]", fullmatch=True)
CLAIMS = st.from_regex(r"[a-z_][a-z0-9_]{0,20}", fullmatch=True)
PREFIXES = st.from_regex(r"[a-z][a-z0-9.]{0,10}[:/#]", fullmatch=True).filter(
    lambda prefix: not prefix.startswith(("system:", "kubeadm:"))
)
st.register_type_strategy(
    TrustConfig,
    st.builds(
        TrustConfig,
        issuer=st.builds(
            "https://{}.example{}".format, NAMES, st.sampled_from(["", "/", "/a/b", ":8443"])
        ),
        audiences=st.lists(NAMES, min_size=1, max_size=3, unique=True).map(tuple),
        username_claim=CLAIMS,
        username_prefix=PREFIXES,
        groups_claim=CLAIMS,
        groups_prefix=PREFIXES,
        required_claims=st.dictionaries(CLAIMS, NAMES, max_size=2).map(
            lambda it: tuple(it.items())
        ),
        algorithms=st.lists(st.sampled_from(ALGORITHMS), unique=True).map(tuple),
    ),
)


@pytest.fixture(scope="session")
def authority() -> str:
    return (GOLDEN / "authority.pem").read_text()


@pytest.fixture(scope="session")
def config(authority: str) -> TrustConfig:
    return TrustConfig(
        issuer="https://labpass.example.org",
        certificate_authority=authority,
        audiences=("labpass-north-3f9c1e7b",),
    )
