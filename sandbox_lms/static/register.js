// Waits for the tool to say that its registration is over (Dynamic Registration 1.0, section 3.5.2).
const { origin, next } = document.querySelector("[data-register]").dataset;
addEventListener("message", (event) => {
  if (event.origin !== origin || event.data?.subject !== "org.imsglobal.lti.close") return;
  if (event.source !== window.frames[0]) event.source?.close();
  location.assign(next);
});
