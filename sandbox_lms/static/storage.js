// Keeps data for a tool whose cookies the browser blocks (LTI Platform Storage 1.0): as long as this page is open,
// for the tool's own origin only, and not without end.
const { origin, frame } = document.querySelector("[data-storage]").dataset;
const LARGEST_KEY = 256, LARGEST_VALUE = 4096, MOST_KEYS = 64;
const STORED = ["lti.put_data", "lti.get_data"];
const kept = new Map();

const capabilities = () => ({
  supported_messages: [
    { subject: "lti.capabilities" },
    ...STORED.map((subject) => ({ subject, ...(frame && { frame }) })),
  ],
});

const failure = (code, message) => ({ error: { code, message } });

function put({ key, value }) {
  if (value === null || value === undefined) {
    kept.delete(key);
    return { key };
  }
  if (typeof value !== "string") return { key, ...failure("bad_request", "value must be text") };
  const full = value.length > LARGEST_VALUE || (!kept.has(key) && kept.size >= MOST_KEYS);
  if (full) return { key, ...failure("storage_exhaustion", "there is no room for this") };
  kept.set(key, value);
  return { key, value };
}

function answer(message, from) {
  if (message.subject === "lti.capabilities") return capabilities();
  if (from !== origin) return failure("wrong_origin", "data is kept for the tool's own pages only");
  if (frame) return failure("wrong_frame", `data is kept by the frame ${frame}`);
  if (typeof message.key !== "string" || !message.key || message.key.length > LARGEST_KEY)
    return failure("bad_request", "key must be text");
  return message.subject === "lti.put_data" ? put(message) : { key: message.key, value: kept.get(message.key) ?? null };
}

addEventListener("message", (event) => {
  const message = event.data;
  if (typeof message !== "object" || message === null || event.source === null) return;
  if (!["lti.capabilities", ...STORED].includes(message.subject)) return;
  const reply = { subject: `${message.subject}.response`, message_id: message.message_id };
  event.source.postMessage({ ...reply, ...answer(message, event.origin) }, event.origin);
});
