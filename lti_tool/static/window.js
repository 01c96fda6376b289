// A launch that goes on in a window of its own, which this page's form opened. What a teacher chose there must come
// back through this frame, where the LMS waits for it. Only our own pages are heard; the answer tells the window that
// somebody was listening.

const form = document.getElementById("hand-back");

addEventListener("message", (event) => {
  const { subject, action, token, jwt } = event.data ?? {};
  if (event.origin !== location.origin || subject !== "proximal.hand_back") return;
  if (!/^\/a\/[\w-]+\/hand-back$/.test(action)) return;
  event.source.postMessage({ subject: "proximal.hand_back.response" }, location.origin);
  form.action = action;
  form.elements.form_token.value = token;
  form.elements.JWT.value = jwt;
  form.submit();
});
