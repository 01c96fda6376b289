"""What a dictation sounds like: the recorded file, or the words for the device's own voice."""

import base64
import hashlib
import io
import secrets

from flask import Blueprint, Response, abort, g, jsonify, redirect, send_file, url_for
from flask.typing import ResponseReturnValue

from item_banks.schema import Speech
from item_banks.words.audio import dictation, speech_of
from item_banks.words.items import word_of
from lti_tool.persistence.tables.practice import Exposure
from lti_tool.services.practising.presented import (
    NotYourItem,
    feedback_on,
    find_presented,
    find_sounding,
    open_item,
)
from lti_tool.services.practising.sound_reports import report_sound
from lti_tool.web.context import now, runtime
from lti_tool.web.errors import Stopped
from lti_tool.web.pupil.pages import answers_in_place, require_activity
from lti_tool.web.pupil.practising.practice import feedback_page
from lti_tool.web.sessions import with_launch

blueprint = Blueprint("sound", __name__)


@blueprint.get("/sound/<token>")
def recorded(token: str) -> Response:
    """The recorded dictation of an item. Its address says nothing about the word.

    It needs no session, since an audio element can't send one where no cookie does; the item's token is known to its
    own page only, and the sound is all that it opens.
    """
    with runtime().database.read() as session:
        presented = find_sounding(session, token)
        spoken = open_item(presented).item.speech if presented is not None else None
    sound = dictation(runtime().catalog.banks[presented.bank_id].folder, spoken) if presented and spoken else None
    if sound is None:
        abort(404)
    return playable(sound)


@blueprint.get("/sound/bank/<bank_id>/<path:template_id>")
def shipped(bank_id: str, template_id: str) -> Response:
    """The sound of a bank's word, for teachers who look through the bank; no secret, since it ships with Proximal.

    It needs no session, for the same reason as a pupil's.
    """
    bank = runtime().catalog.banks.get(bank_id)
    template = bank.templates.get(template_id) if bank is not None and bank.words else None
    if bank is None or template is None:
        abort(404)
    sound = dictation(bank.folder, speech_of(bank, word_of(bank, template)))
    if sound is None:
        abort(404)
    return playable(sound)


@blueprint.post("/a/<launch_id>/speech/<token>/wrong")
@with_launch(role="pupil")
def wrong(token: str) -> ResponseReturnValue:
    """The pupil, who has answered and sees the word, finds that the sound says it wrong."""
    try:
        with runtime().database.write() as session:
            presented = find_presented(session, require_activity(), g.launch.person_id, token)
            feedback = feedback_on(session, presented)
            if feedback.item.speech is not None:
                report_sound(session, g.launch.person_id, "pupil", "wrong", feedback.item.speech, now())
    except NotYourItem:
        raise Stopped("item-not-yours", 404) from None
    if answers_in_place():
        return feedback_page(feedback)
    return redirect(url_for("practice.answered", launch_id=g.launch.id, token=token), 303)


def playable(sound: bytes) -> Response:
    """An MP3 as an audio element wants it: Safari plays nothing that it can't ask for in ranges."""
    name = hashlib.sha256(sound).hexdigest()[:20]
    return send_file(io.BytesIO(sound), mimetype="audio/mpeg", conditional=True, etag=name)


@blueprint.post("/a/<launch_id>/speech/<token>")
@with_launch(role="pupil")
def spoken_by_device(token: str) -> Response:
    """What the device's own voice is to say, asked for by a tap on "Listen".

    A voice can only speak a word that it is told, so the text must reach the device; it is masked with a one-time
    key so that it stands readable in no page, log or network list, and the request is noted as an exposure.
    """
    with runtime().database.write() as session:
        try:
            presented = find_presented(session, str(g.launch.activity_id), g.launch.person_id, token)
        except NotYourItem:
            abort(404)
        spoken = open_item(presented).item.speech
        if spoken is None:
            abort(404)
        session.add(
            Exposure(
                person_id=g.launch.person_id,
                activity_id=presented.activity_id,
                presented_item_id=presented.id,
                kind="device_voice",
                shown_at=now(),
            )
        )
    return jsonify(_masked(spoken))


def _masked(spoken: Speech) -> dict[str, str]:
    text = f"{spoken.word}. {spoken.sentence} {spoken.word}.".encode()
    key = secrets.token_bytes(len(text))
    masked = bytes(a ^ b for a, b in zip(text, key, strict=True))
    return {
        "key": base64.b64encode(key).decode(),
        "text": base64.b64encode(masked).decode(),
        "language": spoken.language,
    }
