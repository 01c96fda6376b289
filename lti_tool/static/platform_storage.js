// LTI Platform Storage 1.0: the LMS's page keeps a login's secret for a tool whose cookies the browser blocks.
// Messages go to the LMS's own origin only, never to "*": another page could read them.

const PATIENCE = 2000;
let messages = 0;

// One question to a frame; resolves with the answer, or with nothing after a while.
function ask(frame, origin, message) {
  return new Promise((resolve) => {
    const id = `proximal-${++messages}`;
    const listen = (event) => {
      const answer = event.data;
      if (typeof answer !== "object" || answer?.message_id !== id || answer.subject !== `${message.subject}.response`) return;
      if (origin !== "*" && event.origin !== origin) return;
      finish(answer);
    };
    const finish = (answer) => {
      removeEventListener("message", listen);
      clearTimeout(timer);
      resolve(answer);
    };
    const timer = setTimeout(finish, PATIENCE / 2);
    addEventListener("message", listen);
    frame.postMessage({ ...message, message_id: id }, origin);
  });
}

const launcher = () => window.opener ?? window.parent;

// The frame beside ours with this name, else the LMS's page: a name that nobody has is an error across origins.
function frameNamed(name) {
  if (!name || name === "_parent") return launcher();
  try {
    return launcher().frames[name] ?? launcher();
  } catch {
    return launcher();
  }
}

// "What can you do?" holds no secret, and only its answer tells which frame stores data, so it may go to any origin.
async function storageFrame(subject, target) {
  const answer = await ask(launcher(), "*", { subject: "lti.capabilities" });
  const supported = answer?.supported_messages?.find((message) => message.subject === subject);
  return frameNamed(supported?.frame ?? target);
}

async function store({ target, origin, key, value, next }) {
  const frame = await storageFrame("lti.put_data", target);
  await ask(frame, origin, { subject: "lti.put_data", key, value });
  location.replace(next); // also without an answer: the cookie may have been kept
}

async function fetchBack(form) {
  const { target, origin, key } = form.dataset;
  const answer = await ask(await storageFrame("lti.get_data", target), origin, { subject: "lti.get_data", key });
  if (answer?.value) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: "browser_secret", value: answer.value });
    form.append(field);
  }
  form.submit();
}

const page = document.getElementById("store");
if (page) store(page.dataset);
const form = document.getElementById("fetch");
if (form) fetchBack(form);
