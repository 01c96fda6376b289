"""All tables in one place: importing this module completes `Base.metadata` (migrations and erasure need it whole)."""

from lti_tool.persistence.base import Base
from lti_tool.persistence.tables.accommodations import Accommodation
from lti_tool.persistence.tables.activities import Activity, LineItem, PupilGoal, ResourceLink, WordList
from lti_tool.persistence.tables.administration import (
    AdminGrant,
    AdminInvitation,
    Administrator,
    AdminLogin,
    AdminSession,
    BackgroundJob,
)
from lti_tool.persistence.tables.audit import AuditEvent
from lti_tool.persistence.tables.grades import PlatformGate, ScoreDelivery, ScoreOutbox
from lti_tool.persistence.tables.keys import AccessToken, PlatformKeys, ToolKey
from lti_tool.persistence.tables.launches import LaunchSession, LoginAttempt
from lti_tool.persistence.tables.materials import Material
from lti_tool.persistence.tables.people import DisplayName, Membership, Person
from lti_tool.persistence.tables.practice import (
    BankVersion,
    Certificate,
    Exposure,
    LearnerState,
    MasteryOverride,
    Opportunity,
    ParameterVersion,
    PresentedItem,
    Sitting,
)
from lti_tool.persistence.tables.pupils import Confidence, PairActivity, PupilPreference, StrategyPlan, WeeklyGoal
from lti_tool.persistence.tables.sound_reports import SoundReport
from lti_tool.persistence.tables.steering import Steering, TeacherNote
from lti_tool.persistence.tables.summaries import PracticeDay, PracticeTotal
from lti_tool.persistence.tables.tenancy import Context, Deployment, District, Registration, School

__all__ = [
    "AccessToken",
    "Accommodation",
    "Activity",
    "AdminGrant",
    "AdminInvitation",
    "AdminLogin",
    "AdminSession",
    "Administrator",
    "AuditEvent",
    "BackgroundJob",
    "BankVersion",
    "Base",
    "Certificate",
    "Confidence",
    "Context",
    "Deployment",
    "DisplayName",
    "District",
    "Exposure",
    "LaunchSession",
    "LearnerState",
    "LineItem",
    "LoginAttempt",
    "MasteryOverride",
    "Material",
    "Membership",
    "Opportunity",
    "PairActivity",
    "ParameterVersion",
    "Person",
    "PlatformGate",
    "PlatformKeys",
    "PracticeDay",
    "PracticeTotal",
    "PresentedItem",
    "PupilGoal",
    "PupilPreference",
    "Registration",
    "ResourceLink",
    "School",
    "ScoreDelivery",
    "ScoreOutbox",
    "Sitting",
    "SoundReport",
    "Steering",
    "StrategyPlan",
    "TeacherNote",
    "ToolKey",
    "WeeklyGoal",
    "WordList",
]
