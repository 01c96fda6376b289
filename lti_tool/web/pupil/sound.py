"""What a dictation sounds like: the recorded file, or the words for the device's own voice."""

import base64
import hashlib
import io
import secrets

from flask import Blueprint, Response, abort, g, jsonify, send_file

from item_banks.schema import Speech
from item_banks.words.audio import dictation
from lti_tool.persistence.practice import Exposure
from lti_tool.services.practising.presented import NotYourItem, find_presented, find_sounding, open_item
from lti_tool.web.context import now, runtime
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
