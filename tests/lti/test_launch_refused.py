"""Launches that must not open a session: each row is one thing that a platform, or somebody in its name, gets wrong."""

import base64
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from lti_tool.persistence.tables.launches import LaunchSession
from sandbox_lms.testing import DROP
from tests.lti.conftest import PLATFORMS, SQLITE_FIRST, opened
from tests.lti.platforms import Platform
from tests.lti.platforms.practice_lms import PracticeLms
from tests.support.databases import Servers
from tests.support.school import CLIENT_ID, TOOL_URL

STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
NUL, HALF_A_PAIR = "a\x00b", "a\ud83d"
ALL_LTI_CLAIMS = ("message_type", "version", "deployment_id", "target_link_uri", "resource_link", "roles", "context")


@dataclass(frozen=True)
class Bad:
    """A launch with claims, header or signature changed, and the code that its page shows.

    A value that is a function is called with the platform: it needs the time or the platform's keys.
    """

    name: str
    code: str
    changes: dict[str, Any] = field(default_factory=dict)

    def arguments(self, platform: Platform) -> dict[str, Any]:
        return {name: value(platform) if callable(value) else value for name, value in self.changes.items()}


def bad(name: str, code: str, /, **changes: Any) -> Bad:
    return Bad(name, code, changes)


def seconds_from_now(seconds: int) -> Callable[[Platform], int]:
    return lambda _: int(time.time()) + seconds


def public_key(platform: Platform) -> bytes:
    return platform.public_pem


SIGNATURES = [
    bad("no kid", "missing-kid", header={"kid": DROP}),
    bad("an empty kid", "missing-kid", header={"kid": ""}),
    bad("an unknown kid", "unknown-kid", header={"kid": "nobody"}),
    bad("a kid that no database keeps", "unknown-kid", header={"kid": HALF_A_PAIR + NUL}),
    bad("the signature of another key", "bad-signature", key=STRANGER),
    bad("no signature at all", "wrong-algorithm", algorithm="none"),
    bad("HS256 with the public key as its secret", "wrong-algorithm", algorithm="HS256", key=public_key),
    bad("another RSA algorithm", "wrong-algorithm", algorithm="RS512"),
    bad("a critical extension that we do not know", "not-a-jwt", header={"crit": ["x"], "x": 1}),
]
WHO_AND_FOR_WHOM = [
    bad("another issuer", "wrong-issuer", iss="https://other.example"),
    bad("an issuer that is a number", "wrong-issuer", iss=1),
    bad("no issuer", "wrong-issuer", iss=DROP),
    bad("another audience", "wrong-audience", aud="other"),
    bad("no audience", "wrong-audience", aud=DROP),
    bad("an empty list of audiences", "wrong-audience", aud=[]),
    bad("an audience that is an object", "wrong-audience", aud={CLIENT_ID: 1}),
    bad("an audience that contains our name", "wrong-audience", aud=CLIENT_ID + "-2"),
    bad("an audience beside ours that is null", "wrong-audience", aud=[CLIENT_ID, None], azp=CLIENT_ID),
    bad("several audiences and no azp", "wrong-authorized-party", aud=[CLIENT_ID, "other"]),
    bad("several audiences and another's azp", "wrong-authorized-party", aud=[CLIENT_ID, "other"], azp="other"),
    bad("one audience and another's azp", "wrong-authorized-party", azp="other"),
    bad("an azp that is a list", "wrong-authorized-party", azp=[CLIENT_ID]),
    bad("no sub", "anonymous", sub=DROP),
    *(bad(f"a sub that is {value!r}", "malformed-sub", sub=value) for value in ("", "  ", 5, None, True, ["a"], {})),
    bad("a sub with NUL", "malformed-sub", sub=NUL),
    bad("a sub with half a surrogate pair", "malformed-sub", sub=HALF_A_PAIR),
    bad("a sub of 256 characters", "malformed-sub", sub="x" * 256),
    bad("no nonce", "missing-nonce", nonce=DROP),
    bad("an empty nonce", "missing-nonce", nonce=""),
    bad("a nonce that is a number", "missing-nonce", nonce=5),
    bad("a foreign nonce", "wrong-nonce", nonce="made-up"),
    bad("a name that is a number", "malformed-name", name=5),
    bad("a family name that is a list", "malformed-family-name", family_name=["Lovelace"]),
]
TIMES = [
    bad("expired", "expired", iat=seconds_from_now(-600), exp=seconds_from_now(-300)),
    bad("times of long ago", "expired", iat=11111, exp=22222),
    bad("made two hours ago and still valid", "expired", iat=seconds_from_now(-7200)),
    bad("made in the future", "issued-in-future", iat=seconds_from_now(300), exp=seconds_from_now(600)),
    bad("not valid yet", "issued-in-future", nbf=seconds_from_now(300)),
    bad("good for thirty years", "malformed-exp", exp=seconds_from_now(30 * 365 * 86_400)),
    bad("good for eight days", "malformed-exp", exp=seconds_from_now(8 * 86_400)),
    bad("an exp in milliseconds", "malformed-exp", exp=lambda _: int(time.time() + 60) * 1000),
    bad("over before it began", "malformed-exp", exp=seconds_from_now(-10)),
    bad("a negative exp", "malformed-exp", exp=-1),
    *(bad(f"no {name}", f"missing-{name}", **{name: DROP}) for name in ("iat", "exp")),
    *(
        bad(f"{name} that is {value!r:.20}", f"malformed-{name}", **{name: value})
        for name in ("iat", "exp", "nbf")
        for value in ("soon", True, [1], {}, float("nan"), float("inf"), float("-inf"), 10**400, -(10**400))
    ),
    *(bad(f"{name} that is null", f"malformed-{name}", **{name: None}) for name in ("iat", "exp")),
]
MESSAGE = [
    bad("all LTI claims missing", "missing-version", **dict.fromkeys(ALL_LTI_CLAIMS, DROP)),
    bad("no version", "missing-version", version=DROP),
    bad("LTI 1.1", "wrong-version", version="LTI-1p0"),
    *(bad(f"the version {text!r}", "wrong-version", version=text) for text in ("1.1", "1.3", "1.3.1", "1.3.0 ")),
    bad("a version that is a number", "malformed-version", version=1.3),
    bad("no message type", "missing-message-type", message_type=DROP),
    bad("an unknown message type", "unknown-message-type", message_type="LtiStartProctoring"),
    bad("a message type in small letters", "unknown-message-type", message_type="ltiresourcelinkrequest"),
    bad("a message type that is a list", "malformed-message-type", message_type=["LtiResourceLinkRequest"]),
    bad("no roles claim", "missing-roles", roles=DROP),
    *(bad(f"roles that are {value!r}", "malformed-roles", roles=value) for value in (None, "Learner", {}, [1])),
    bad("no deployment", "missing-deployment-id", deployment_id=DROP),
    bad("an unknown deployment", "unknown-deployment", deployment_id="77"),
    *(
        bad(f"a deployment that is {value!r:.20}", "malformed-deployment-id", deployment_id=value)
        for value in (1, "", None, ["1"], NUL, HALF_A_PAIR, "x" * 256)
    ),
    bad("no target", "missing-target-link-uri", target_link_uri=DROP),
    bad("a target that is a number", "malformed-target-link-uri", target_link_uri=1),
    *(
        bad(f"the target {target}", "foreign-target", target_link_uri=target)
        for target in (
            "https://other.example/lti/launch",
            "https://127.0.0.1:9001/lti/launch",
            "http://127.0.0.1:9002/lti/launch",
            "http://127.0.0.1:9001@other.example/",
            "//127.0.0.1:9001/lti/launch",
            "javascript:alert(1)",
            "http://[broken",
            "",
        )
    ),
    *(
        bad(f"another target on this tool, {target}", "changed-target", target_link_uri=target)
        for target in (f"{TOOL_URL}/some/where", f"{TOOL_URL}/lti/launch?x=1", f"{TOOL_URL}/lti/launch/", TOOL_URL)
    ),
]
PLACE = [
    bad("no resource link", "missing-resource-link", resource_link=DROP),
    *(
        bad(f"a resource link that is {value!r}", "malformed-resource-link", resource_link=value)
        for value in (None, "1", [], 5)
    ),
    bad("a resource link without an id", "missing-resource-link-id", resource_link={"title": "Fractions"}),
    *(
        bad(f"a resource link's id that is {value!r:.20}", "malformed-resource-link-id", resource_link={"id": value})
        for value in (1, "", None, NUL, HALF_A_PAIR, "x" * 256)
    ),
    bad(
        "a resource link's title that is a list",
        "malformed-resource-link-title",
        resource_link={"id": "1", "title": []},
    ),
    *(bad(f"a context that is {value!r}", "malformed-context", context=value) for value in ("5a", [], 5)),
    bad("a context without an id", "missing-context-id", context={"title": "5A"}),
    bad("a context's id that is a number", "malformed-context-id", context={"id": 5}),
    bad("a context's label that is an object", "malformed-context-label", context={"id": "5a", "label": {}}),
    bad("custom parameters that are a list", "malformed-custom", custom=["activity_id"]),
    bad("a presentation that is text", "malformed-launch-presentation", launch_presentation="iframe"),
    bad("a locale that is a list", "malformed-launch-presentation-locale", launch_presentation={"locale": ["nl"]}),
    *(
        bad(f"the return URL {url!r}", "malformed-return-url", launch_presentation={"return_url": url})
        for url in (
            "javascript:alert(1)",
            "http://lms.example/",
            "https://",
            "https://a b.example/",
            "https://lms.example;script-src/",
            "https://[broken",
            "https://lms.example/\x00",
            "https://lms.example/\ud83d",
            "https://user@lms.example/",
            "https://lms.example:65536/",
        )
    ),
]
SERVICES = [
    bad("AGS as text", "malformed-ags-endpoint", ags="https://lms.example"),
    bad("an AGS scope that is text", "malformed-ags-scope", ags={"scope": "score"}),
    bad("an AGS scope that is a number", "malformed-ags-scope", ags={"scope": [5]}),
    bad("a line item that is a number", "malformed-lineitem", ags={"lineitem": 5}),
    bad("a line item without TLS", "malformed-lineitem", ags={"lineitem": "http://lms.example/1"}),
    bad("line items that are no URL", "malformed-lineitems", ags={"lineitems": "columns"}),
    bad("NRPS as a list", "malformed-nrps", nrps=[]),
    bad("a roster's address that is a number", "malformed-memberships-url", nrps={"context_memberships_url": 5}),
]
GROUPS = (SIGNATURES, WHO_AND_FOR_WHOM, TIMES, MESSAGE, PLACE, SERVICES)
BAD_LAUNCHES = [row for group in GROUPS for row in group]

BAD_DEEP_LINKS = [
    bad("a Learner who chooses content", "not-a-teacher", roles=["Learner"]),
    bad("nobody's role", "not-a-teacher", roles=[]),
    bad("no settings", "missing-deep-linking-settings", deep_linking_settings=DROP),
    bad("settings that are a list", "malformed-deep-linking-settings", deep_linking_settings=[]),
    bad("no return URL", "missing-return-url", settings={"deep_link_return_url": DROP}),
    bad("a return URL without TLS", "malformed-return-url", settings={"deep_link_return_url": "http://lms.example/"}),
    bad("a return URL that is a script", "malformed-return-url", settings={"deep_link_return_url": "javascript:x()"}),
    bad("no accepted types", "missing-accept-types", settings={"accept_types": DROP}),
    bad("accepted types as text", "malformed-accept-types", settings={"accept_types": "ltiResourceLink"}),
    bad("perhaps several", "malformed-accept-multiple", settings={"accept_multiple": "perhaps"}),
    bad(
        "ways of showing it as text",
        "malformed-accept-presentation-document-targets",
        settings={"accept_presentation_document_targets": "iframe"},
    ),
    bad("a number of columns", "malformed-accept-lineitem", settings={"accept_lineitem": 2}),
    bad("data that is an object", "malformed-data", settings={"data": {"a": 1}}),
    bad("a foreign target", "foreign-target", target_link_uri="https://other.example/"),
    bad("a target that the login did not announce", "changed-target", target_link_uri=f"{TOOL_URL}/other"),
    bad("a foreign nonce", "wrong-nonce", nonce="made-up"),
    bad("no sub", "anonymous", sub=DROP),
]


def hard_to_store(row: Bad) -> bool:
    """Whether a database could choke on a row's values: NUL, half a character, too long, too large."""
    text = repr(row.changes)
    return any(sign in text for sign in ("\\x00", "\\ud83d", "inf", "nan")) or len(text) > 200


def on_backends(groups: Sequence[Sequence[Bad]]) -> list[tuple[str, Bad, str]]:
    """Each row for pupil and teacher on SQLite; on PostgreSQL those that could be hard to store, and one of each group.

    All others are refused before anything of them would be stored, by code that knows no database.
    """
    rows = [row for group in groups for row in group]
    chosen = [row for group in groups for row in group if row is group[0] or hard_to_store(row)]
    return [
        *((f"{name}/sqlite", row, who) for name in PLATFORMS for row in rows for who in ("pupil", "teacher")),
        *(
            (f"{PracticeLms.name}/postgresql", row, who)
            for row, who in zip(chosen, cycle(("pupil", "teacher")), strict=False)
        ),
    ]


def encoded(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def with_header(header: bytes) -> Callable[[Platform, str], str]:
    return lambda *_: f"{encoded(header)}.e30.e30"


def signed_bytes(payload: bytes, platform: Platform, _good: str) -> str:
    kid = platform.jwks()["keys"][0]["kid"]
    return jwt.PyJWS().encode(payload, platform.private_key, algorithm="RS256", headers={"kid": kid})


def in_another_encoding(encoding: str, platform: Platform, good: str) -> str:
    claims = jwt.decode(good, options={"verify_signature": False})
    return signed_bytes(json.dumps(claims).encode(encoding), platform, good)


def with_twice(member: str, other: str, platform: Platform, good: str) -> str:
    """A good launch with one more member of a name that it has: `other` stands before `member`."""
    claims = json.dumps(jwt.decode(good, options={"verify_signature": False}))
    assert claims.count(member) == 1
    return signed_bytes(claims.replace(member, f"{other}, {member}").encode(), platform, good)


def with_claims_of_another(_: Platform, good: str) -> str:
    header, payload, signature = good.split(".")
    middle = len(payload) // 2
    return ".".join(
        [header, payload[:middle] + ("A" if payload[middle] != "A" else "B") + payload[middle + 1 :], signature]
    )


NOT_TOKENS: list[tuple[str, str, Callable[[Platform, str], str]]] = [
    ("text", "not-a-jwt", lambda *_: "hello"),
    ("three dots", "not-a-jwt", lambda *_: "a.b.c"),
    ("letters beyond ASCII", "not-a-jwt", lambda *_: "é.ü.☃"),
    ("a header that is a list", "not-a-jwt", with_header(b"[]")),
    ("a header without a bottom", "not-a-jwt", lambda *_: f"{encoded(b'[' * 30_000)}.e30.e30"),
    ("a kid that is a number", "not-a-jwt", with_header(b'{"alg":"RS256","kid":7}')),
    ("an algorithm that is a list", "wrong-algorithm", with_header(b'{"alg":["RS256"]}')),
    ("claims without a bottom", "not-a-jwt", partial(signed_bytes, b'{"a":' + b"[" * 30_000)),
    ("claims nested a thousand deep", "not-a-jwt", partial(signed_bytes, b"[" * 1500 + b"]" * 1500)),
    ("claims that are a list", "not-a-jwt", partial(signed_bytes, b"[]")),
    ("claims that are no JSON", "not-a-jwt", partial(signed_bytes, b"{sub: ada}")),
    *(
        (f"good claims in {encoding}", "not-a-jwt", partial(in_another_encoding, encoding))
        for encoding in ("utf-16", "utf-16-le", "utf-32-be", "utf-8-sig")
    ),
    ("a sub that comes twice", "not-a-jwt", partial(with_twice, '"sub": ', '"sub": "somebody else"')),
    ("a sub that comes twice, once in disguise", "not-a-jwt", partial(with_twice, '"sub": ', '"s\\u0075b": "other"')),
    ("a member of a claim that comes twice", "not-a-jwt", partial(with_twice, '"label": ', '"label": "5B"')),
    ("an algorithm that comes twice", "not-a-jwt", with_header(b'{"alg":"none","alg":"RS256","kid":"x"}')),
    ("a header in UTF-16", "not-a-jwt", with_header('{"alg":"RS256","kid":"x"}'.encode("utf-16"))),
    ("claims that are no UTF-8", "not-a-jwt", partial(signed_bytes, b'{"sub": "\xff"}')),
    ("a number of five thousand digits", "not-a-jwt", partial(signed_bytes, b'{"exp": ' + b"9" * 5000 + b"}")),
    ("a number beyond all", "wrong-issuer", partial(signed_bytes, b'{"exp": 1e400}')),
    ("no claims", "wrong-issuer", partial(signed_bytes, b"{}")),
    ("half a token", "not-a-jwt", lambda _, good: good[: len(good) // 3]),
    ("a token without its signature", "bad-signature", lambda _, good: good.rpartition(".")[0] + "."),
    ("changed claims", "bad-signature", with_claims_of_another),
    ("a megabyte", "token-too-large", lambda _, good: good + "a" * 1_000_000),
    ("three megabytes", "too-large", lambda _, good: good + "a" * 3_000_000),
    ("nothing", "missing-id-token", lambda *_: ""),
]


@pytest.fixture(scope="module", params=SQLITE_FIRST)
def place(
    request: pytest.FixtureRequest, database_servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    """One LMS and tool for all rows: each leaves them as they were, which is what they prove."""
    with opened(request.param, database_servers, tmp_path_factory.mktemp("refused")) as found:
        yield found


def count_sessions(platform: Platform) -> int:
    with platform.school.runtime.database.read() as session:
        return session.scalar(select(func.count()).select_from(LaunchSession)) or 0


def assert_refused(answer: TestResponse, code: str) -> None:
    """A page that says what happened and what to do, with a code for IT; and no cookie."""
    assert 400 <= answer.status_code < 500, answer.text
    assert f"Code: {code}<" in answer.text
    assert "<h1" in answer.text
    assert answer.headers.getlist("Set-Cookie") == []


def name_of(value: Any) -> str | None:
    """A row's name; whatever else stands beside it names itself."""
    return value.name if isinstance(value, Bad) else None


@pytest.mark.parametrize(
    ("place", "row", "who"), on_backends(GROUPS), indirect=["place"], ids=name_of, scope="module"
)  # else the rows beside it would make the place one for each of them
def test_a_launch_is_refused_with(place: Platform, row: Bad, who: str) -> None:
    before = count_sessions(place)
    # One of the platforms names us as the authorized party in every launch; the rows say where there is one.
    changes = {"azp": DROP} | row.arguments(place)
    assert_refused(place.launch(getattr(place, who), **changes), row.code)
    assert count_sessions(place) == before


@pytest.mark.parametrize("row", BAD_DEEP_LINKS, ids=name_of)
def test_deep_linking_is_refused_with(place: Platform, row: Bad) -> None:
    before = count_sessions(place)
    assert_refused(place.launch_picker(**row.arguments(place)), row.code)
    assert count_sessions(place) == before


@pytest.mark.parametrize(("name", "code", "make"), NOT_TOKENS, ids=[row[0] for row in NOT_TOKENS])
def test_what_is_no_token_is_refused(
    place: Platform, name: str, code: str, make: Callable[[Platform, str], str]
) -> None:
    before = count_sessions(place)
    form = place.signed(place.pupil)
    answer = place.school.post_launch(place.pupil, form | {"id_token": make(place, form["id_token"])})
    assert_refused(answer, code)
    assert count_sessions(place) == before


@pytest.mark.parametrize("who", ["pupil", "teacher"])
def test_the_same_launch_without_a_fault_is_accepted(place: Platform, who: str) -> None:
    assert place.launch(getattr(place, who)).status_code == 303
