// The LMS takes the answer as a form from the teacher's browser; without JavaScript the button sends it.
// In a window that our own page in the LMS's frame opened, that page must send it: the LMS waits for it there.

const PATIENCE = 1500;
const form = document.getElementById("send-back");
const { action, token } = form.dataset;
const jwt = form.elements.JWT.value;

function handBack(opener) {
  const sendHere = setTimeout(() => form.submit(), PATIENCE); // nobody listens: the frame was closed meanwhile
  addEventListener("message", (event) => {
    if (event.origin !== location.origin || event.data?.subject !== "proximal.hand_back.response") return;
    clearTimeout(sendHere);
    form.hidden = true;
    document.getElementById("handed-back").hidden = false;
    window.close();
  });
  // To our own origin only: the token is worth a session.
  opener.postMessage({ subject: "proximal.hand_back", action, token, jwt }, location.origin);
}

if (window.opener && window.top === window && action) handBack(window.opener);
else form.submit();
