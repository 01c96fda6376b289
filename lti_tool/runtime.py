"""Everything one process of Proximal holds, put together once: settings, database, keys, banks, clients."""

import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import requests

from lti_tool.config import Settings
from lti_tool.lti.network.transport import Transport
from lti_tool.lti.services.access_tokens import AccessTokens
from lti_tool.lti.tool_keys import ensure_signing_key
from lti_tool.persistence.database import Database
from lti_tool.persistence.secrets import Vault, open_vault
from lti_tool.services.assigning.changes import ColumnChanges
from lti_tool.services.assigning.word_lists import ListReader
from lti_tool.services.catalog import OWN_BANKS, Catalog
from lti_tool.services.delivery.grade_delivery import GradeDelivery
from lti_tool.services.delivery.reconciliation import Reconciliation
from lti_tool.services.launching.recovery import Recovery
from lti_tool.services.parameters.nightly import NightlyFit
from lti_tool.services.platforms.roster import RosterReader
from lti_tool.services.practising.practice import Practice
from lti_tool.services.practising.sittings import SittingRules
from lti_tool.services.sample.sample_class import SampleClasses
from lti_tool.services.upkeep.jobs import reported
from lti_tool.services.upkeep.privacy import Retention
from lti_tool.services.upkeep.worker import SWEEP_EVERY, Chore, every

if TYPE_CHECKING:
    from lti_tool.services.admin.access.identity_provider import IdentityProvider


@dataclass(frozen=True)
class Runtime:
    """The parts that web pages, workers and commands share."""

    settings: Settings
    database: Database
    vault: Vault
    transport: Transport
    catalog: Catalog
    practice: Practice
    samples: SampleClasses
    delivery: GradeDelivery
    rosters: RosterReader
    recovery: Recovery
    retention: Retention
    reconciliation: Reconciliation
    columns: ColumnChanges
    identity_provider: "IdentityProvider | None"
    """Where administrators sign in, if it is there that they do."""

    @property
    def chores(self) -> Sequence[Chore]:
        """What a worker does beside sending grades."""
        now_and_then = {
            "retention": self.retention.apply_due,
            "samples": self.samples.remove_old,
            "reconciliation": self.reconciliation.check_due,
            "nightly_fit": NightlyFit(self.database).start_due,
        }
        return (
            reported(self.database, "columns", self.columns.tell_due),
            reported(self.database, "rosters", self.rosters.read_due),
            *(reported(self.database, name, every(SWEEP_EVERY, chore)) for name, chore in now_and_then.items()),
        )

    @classmethod
    def start(
        cls, settings: Settings, *, rng: random.Random | None = None, http: requests.Session | None = None
    ) -> "Runtime":
        """Open the (migrated) database and load the banks; the first start makes the signing key.

        `rng` chooses items and `http` carries calls to LMSs; tests bring a seeded one and one without a network.
        """
        database = Database(settings.sqlalchemy_url)
        vault = open_vault(settings.master_key, settings.data_dir)
        transport = Transport(
            allow_http_on_loopback=settings.allow_http_on_loopback,
            ca_file=settings.ca_file,
            private_hosts=settings.private_lms_hosts,
            session=http,
            clock=database.now,
        )
        shipped = Catalog.load(settings.data_dir / OWN_BANKS)
        catalog = shipped.with_lists(ListReader(database, shipped))
        rng = rng or random.Random(secrets.randbits(128))
        now = datetime.now(UTC)
        with database.write() as session:
            ensure_signing_key(session, vault, now)
            catalog.record_versions(session, now)
        tokens = AccessTokens(database, vault, transport)
        return cls(
            settings=settings,
            database=database,
            vault=vault,
            transport=transport,
            catalog=catalog,
            practice=Practice(catalog, SittingRules(settings.sitting_items, settings.sitting_minutes), rng),
            samples=SampleClasses(database, catalog, vault),
            delivery=GradeDelivery(database, tokens, transport, rng),
            rosters=RosterReader(database, tokens, transport, vault),
            recovery=Recovery(database, tokens, transport),
            retention=Retention(database, names_days=settings.names_days, records_days=settings.records_days),
            reconciliation=Reconciliation(database, tokens, transport),
            columns=ColumnChanges(database, tokens, transport),
            identity_provider=_identity_provider(settings),
        )


def _identity_provider(settings: Settings) -> "IdentityProvider | None":
    """Where administrators sign in; the library behind it is for those alone who use it."""
    if settings.admin_sign_in != "oidc":
        return None
    from lti_tool.services.admin.access.identity_provider import IdentityProvider

    return IdentityProvider(settings)
