"""What people see of the other LMS: a page with the tool in a frame, which may keep data for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from urllib.parse import urlencode, urlsplit

import flask
from werkzeug.serving import make_server

from tests.lti.platforms.other_lms import Errand, OtherLms

PAGE = """<!doctype html><title>Course 5B</title><h1>Course 5B</h1>
<iframe id="tool" src="/open?{{ request.query_string.decode() }}" width="900" height="700"></iframe>
{% if "keeps" in request.args %}<script>
  // LTI Platform Storage 1.0 from its section 2: kept by origin and key, for as long as this page is there.
  const kept = new Map();
  addEventListener("message", ({ data, origin, source }) => {
    const place = `${origin} ${data.key}`;
    const answer = { subject: `${data.subject}.response`, message_id: data.message_id, key: data.key };
    if (data.subject === "lti.capabilities")
      answer.supported_messages = ["lti.capabilities", "lti.put_data", "lti.get_data"].map((subject) => ({ subject }));
    else if (data.subject === "lti.put_data") kept.set(place, (answer.value = data.value));
    else if (data.subject === "lti.get_data") answer.value = kept.get(place);
    else return;
    source.postMessage(answer, origin);
  });
</script>{% endif %}"""


def serve_pages(lms: OtherLms) -> None:
    """Add pages for browsers: /course?as=WHO shows the picker, /course?as=WHO&link=LINK an activity.

    With &keeps=yes the page keeps data for the tool.
    """

    def begin() -> flask.typing.ResponseReturnValue:
        asked = flask.request.args
        errand = Errand(next(iter(lms.tools)), asked.get("link"))
        fields = lms.begin_launch(asked["as"], errand)
        if "keeps" in asked:
            fields["lti_storage_target"] = "_parent"
        return flask.redirect(f"{lms.login_url(errand.client_id)}?{urlencode(fields)}")

    def take_back() -> str:
        return f"<p>Added: {' '.join(lms.take_deep_link(flask.request.form['JWT']))}</p>"

    lms.app.add_url_rule("/course", "course", lambda: flask.render_template_string(PAGE))
    lms.app.add_url_rule("/open", "open", begin)
    lms.app.add_url_rule("/deep-link", "deep_link", take_back, methods=["POST"])


@contextmanager
def served(lms: OtherLms) -> Iterator[None]:
    """Serve it at its address, in a thread."""
    parts = urlsplit(lms.url)
    server = make_server(str(parts.hostname), parts.port or 80, lms.app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
