"""Signing keys, made once per run: making one takes longer than most tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import cycle

import jwt.algorithms
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from lti_tool.lti import tool_keys
from sandbox_lms.lti.keys import PlatformKey

KEYS = 4
"""As many keys follow each other before the first comes back: more than any one school ever makes."""


@contextmanager
def reused_keys() -> Iterator[None]:
    """Inside, new keys of tools and of LMSs come from two lists without a key in common."""
    make_pem = PlatformKey.generate_pem
    tools, platforms = cycle(range(KEYS)), cycle(range(KEYS))

    @cache
    def tool_key(_: int) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @cache
    def platform_pem(_: int) -> str:
        return make_pem()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tool_keys, "_new_private", lambda: tool_key(next(tools)))
        patch.setattr(PlatformKey, "generate_pem", lambda: platform_pem(next(platforms)))
        # Each reading of a key proves its primes prime again, which takes longer than a launch.
        patch.setattr(jwt.algorithms, "load_pem_private_key", cache(load_pem_private_key))
        yield
