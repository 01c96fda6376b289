"""A platform's services without a database: tokens that are always there, and a platform that answers by script."""

from collections.abc import Callable, Iterable
from datetime import datetime

from lti_tool.lti.network.transport import Transport
from lti_tool.lti.services.access_tokens import AccessTokens
from lti_tool.lti.services.platform_services import PlatformServices
from lti_tool.persistence.tables.tenancy import Registration
from tests.unit.lti_tool.lti.scripted import Call, Reply, ScriptedPlatform
from tests.unit.lti_tool.persistence.rows import MONDAY


class Tokens(AccessTokens):
    """Numbers its tokens; a new one follows each `forget`."""

    def __init__(self) -> None:
        self.number = 1
        self.asked: list[tuple[str, ...]] = []

    def get(self, registration: Registration, scopes: Iterable[str], now: datetime) -> str:
        """The present token."""
        self.asked.append(tuple(scopes))
        return f"token-{self.number}"

    def forget(self, registration: Registration) -> None:
        """The next one will be another."""
        self.number += 1


class Peer:
    """A platform of some family, and our client for it."""

    def __init__(self, answer: Callable[[Call], Reply], profile: str = "generic") -> None:
        self.platform = ScriptedPlatform(answer)
        self.tokens = Tokens()
        transport = Transport(allow_http_on_loopback=False, session=self.platform.session())
        self.services = PlatformServices(self.tokens, transport, Registration(profile=profile), MONDAY)

    @property
    def urls(self) -> list[str]:
        """What was asked for."""
        return [call.url for call in self.platform.calls]
