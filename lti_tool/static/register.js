// Tells the LMS that the registration is over (Dynamic Registration 1.0, 3.5.2). The message holds nothing, and the LMS's
// origin is not known here, so it goes to whoever opened this page.
const close = () => (window.opener || window.parent).postMessage({ subject: "org.imsglobal.lti.close" }, "*");
const button = document.getElementById("close");
button.hidden = false;
button.addEventListener("click", close);
// Where an administrator still has something to copy, the page waits for the button.
if (!document.querySelector("#registered code")) close();
