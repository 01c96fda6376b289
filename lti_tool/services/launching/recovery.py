"""A link that lost its settings on the way finds them again by its gradebook column.

A course copy keeps a column's `resourceId`, which is the id of the activity that it was made for, even where the link
itself carries nothing of ours (one made by hand).
"""

import structlog

from lti_tool.lti.errors import ServiceError
from lti_tool.lti.messages.claims import EndpointClaim
from lti_tool.lti.network.transport import Transport
from lti_tool.lti.services.access_tokens import AccessTokens
from lti_tool.lti.services.ags import GradeService
from lti_tool.lti.services.platform_services import PlatformServices
from lti_tool.lti.services.scopes import SCOPE_LINEITEM, SCOPE_LINEITEM_READ
from lti_tool.persistence.database import Database
from lti_tool.persistence.tables.launches import LaunchSession
from lti_tool.services.assigning.activities import connect_line_item, resolve_activity
from lti_tool.services.launching.copies import Provenance

log = structlog.get_logger()


class Recovery:
    """Asks LMSs about the columns of links that have no activity."""

    def __init__(self, database: Database, tokens: AccessTokens, transport: Transport) -> None:
        self._database = database
        self._tokens = tokens
        self._transport = transport

    def find_activity(self, launch_id: str) -> None:
        """Give a launch whose link has no activity the one that its column names, if there is one.

        Never raises for the LMS's sake: without an answer the teacher chooses anew, as for a new link.
        """
        with self._database.read() as session:
            launch = session.get_one(LaunchSession, launch_id)
            registration, endpoint = launch.registration, EndpointClaim(**(launch.endpoint or _NOTHING))
        if endpoint.lineitem is None or not {SCOPE_LINEITEM, SCOPE_LINEITEM_READ} & set(endpoint.scopes):
            return
        now = launch.created_at
        service = GradeService(PlatformServices(self._tokens, self._transport, registration, now))
        try:
            resource_id = service.resource_id_of(endpoint.lineitem, tuple(endpoint.scopes))
        except ServiceError as error:
            log.warning("activity.not_recovered", code=error.code, detail=error.detail)
            return
        if not resource_id:
            return
        with self._database.write() as session:
            launch = session.get_one(LaunchSession, launch_id)
            if launch.resource_link is None:
                return
            origin = Provenance(resource_id)
            activity = resolve_activity(session, launch.registration, launch.resource_link, origin, now)
            if activity is not None:
                launch.activity = activity
                connect_line_item(session, activity, launch.resource_link, endpoint)


_NOTHING = {"scopes": (), "lineitems": None, "lineitem": None}
