"""Which kinds of visitors there are, and who of them may open which route of the tool.

A route in the pupils' room is for pupils, one in the teachers' room for teachers, and for those of the class alone
where its address names an activity or a pupil; every other route stands in `WHO`.
"""

from flask import Flask
from werkzeug.routing import Rule

PUPIL, TEACHER, OTHER_TEACHER = "a pupil of 5A", "the teacher of 5A", "a teacher of 5B"
DISTRICT, SCHOOL_ADMIN, READER, OTHER_DISTRICT = "district admin", "school admin", "read-only", "another district"
OPERATOR = "who runs the installation"
"""From a third district."""
NO_ROLE, NOBODY = "signed in without a role", "nobody"

EVERYBODY = frozenset(
    (PUPIL, TEACHER, OTHER_TEACHER, DISTRICT, SCHOOL_ADMIN, READER, OTHER_DISTRICT, OPERATOR, NO_ROLE, NOBODY)
)
LAUNCHED = frozenset((PUPIL, TEACHER, OTHER_TEACHER))
TEACHERS = frozenset((TEACHER, OTHER_TEACHER))
"""On their own launch, which names no class or pupil in its address."""
THIS_TEACHER = frozenset((TEACHER,))
PUPILS = frozenset((PUPIL,))
SIGNED_IN = frozenset((DISTRICT, SCHOOL_ADMIN, READER, OTHER_DISTRICT, OPERATOR, NO_ROLE))
LOOKS = frozenset((DISTRICT, SCHOOL_ADMIN, READER, OTHER_DISTRICT, OPERATOR))
"""Pages that show what is in one's reach: another district sees its own."""
LOOKS_AT_DISTRICT = frozenset((DISTRICT, READER, OTHER_DISTRICT, OPERATOR))
LOOKS_AT_THIS_DISTRICT = frozenset((DISTRICT, READER))
CHANGES_OWN = frozenset((DISTRICT, SCHOOL_ADMIN, OTHER_DISTRICT, OPERATOR))
RUNS_OWN = frozenset((DISTRICT, OTHER_DISTRICT, OPERATOR))
RUNS_THIS = frozenset((DISTRICT,))
RUNS_ALL = frozenset((OPERATOR,))

WHO: dict[str, frozenset[str]] = {
    # Open: they tell nothing about anybody, or ask for a proof of their own (a token, an invitation, a signature)
    **dict.fromkeys(
        (
            "static",
            "health.healthz",
            "health.readyz",
            "metrics.metrics",  # from this machine only: see test_metrics
            "lti.login",
            "lti.launch",
            "lti.jwks",
            "register.register",
            "register.canvas_configuration",
            "warm_up.sound",  # one word of a bank, always the same
            "sound.recorded",  # the token of a presented item, which nobody guesses
            "sound.shipped",  # what ships with Proximal
            "admin_sign_in.sign_in",
            "admin_sign_in.start",
            "admin_sign_in.callback",
            "admin_sign_in.emergency",
            "admin_sign_in.signed_out",
        ),
        EVERYBODY,
    ),
    # A launch
    "places.open_launch": LAUNCHED,
    # The console
    "admin_sign_in.join": SIGNED_IN,  # and takes an invitation
    "admin_sign_in.sign_out": SIGNED_IN,
    "admin.overview": LOOKS,
    "admin.choose": LOOKS - {OTHER_DISTRICT, OPERATOR},  # the form names the first district
    "admin_sessions.show": LOOKS,
    "admin_grades.show": LOOKS,
    "admin_schools.show": LOOKS,
    "admin_schools.courses": LOOKS,
    "admin_grades.send": CHANGES_OWN,
    **dict.fromkeys(
        (
            "admin_health.show",
            "admin_lmss.show_all",
            "admin_roles.show",
            "admin_audit_log.show",
            "admin_installation.keys",
            "admin_installation.jobs",
            "admin_installation.content",
            "admin_installation.retention",
        ),
        LOOKS_AT_DISTRICT,
    ),
    "admin_lmss.show": LOOKS_AT_THIS_DISTRICT,
    **dict.fromkeys(
        (
            "admin_health.examine",
            "admin_schools.change_district",
            "admin_schools.add_school",
            "admin_lmss.make_invitation",
            "admin_roles.give",
            "admin_data.show",
        ),
        RUNS_OWN,
    ),
    **dict.fromkeys(
        (
            "admin_schools.rename_school",
            "admin_schools.remove_school",
            "admin_schools.map_course",
            "admin_schools.map_deployment",
            "admin_lmss.change_hosts",
            "admin_lmss.change_names",
            "admin_lmss.change_state",
            "admin_lmss.merge",
            "admin_lmss.test",
            "admin_roles.take_away",
            "admin_sessions.end",
            "admin_data.look",
            "admin_data.export",
            "admin_data.erase",
        ),
        RUNS_THIS,
    ),
    **dict.fromkeys(
        (
            "admin_installation.rotate_keys",  # several districts share them
            "admin_districts.show",
            "admin_districts.add",
            "admin_districts.invite",
        ),
        RUNS_ALL,
    ),
}


def audience(app: Flask, rule: Rule) -> frozenset[str]:
    """Who may: as `WHO` says, else by the room in which the view stands."""
    if rule.endpoint in WHO:
        return WHO[rule.endpoint]
    room = app.view_functions[rule.endpoint].__module__.split(".")[2]
    teachers = THIS_TEACHER if {"activity_id", "person_id"} & rule.arguments else TEACHERS
    found = {"pupil": PUPILS, "teacher": teachers}.get(room)
    assert found is not None, f"{rule.endpoint} ({rule.rule}): say in WHO who may open it"
    return found


OWN_SAY = frozenset(("admin_sign_in.join", "admin_sign_in.emergency", "admin_sign_in.callback", "metrics.metrics"))
"""Routes that refuse for a reason of their own, whoever asks."""
