// Goes on without a click: posts the page's form, or leads the whole window to the page's link.
const form = document.querySelector("form[data-post]");
const link = document.querySelector("a[data-go]");
if (form) form.submit();
if (link) window.top.location.replace(link.href);
