// Comfort on top of pages that work without it: focus after a swap, a typed answer that survives a reload and a lost
// network, and the device's own voice for dictation where it has one.

const DRAFT = "proximal-draft-";
const CALM = 400; // milliseconds in which the second tap of a double tap can't reach the page that came between
const VOICES = 1500; // milliseconds in which a device has found its voices, if it has any
const PAUSE = 400; // milliseconds without a key after which a draft is sent

let asked = null; // the htmx request under way, or the last one

// A typed answer that survives a reload

function storage() {
  try {
    return window.sessionStorage; // may throw in a frame on another site
  } catch {
    return null;
  }
}

function typed(form) {
  const untouched = (name, value) => !value || (value === "0" && form.elements.namedItem(name).type === "range");
  return [...new FormData(form)].filter(([name, value]) => name.startsWith("response") && !untouched(name, value));
}

function keepDraft(form) {
  const kept = storage();
  if (kept) keepInTab(form, kept);
  else keepOnServer(form);
}

function keepInTab(form, kept) {
  const key = DRAFT + form.elements.namedItem("item").value; // `.item` is a method of every collection
  for (const other of Object.keys(kept)) if (other.startsWith(DRAFT) && other !== key) kept.removeItem(other);
  if (!typed(form).length) {
    for (const [name, value] of JSON.parse(kept.getItem(key) ?? "[]")) form.elements.namedItem(name).value = value;
  }
  form.addEventListener("input", () => kept.setItem(key, JSON.stringify(typed(form))));
}

// In a frame on another site the tab may keep nothing; the next page then comes with the draft in its field.
function keepOnServer(form) {
  let waiting = null;
  const save = () => {
    clearTimeout(waiting);
    if (!waiting || !form.isConnected) return;
    waiting = null;
    const body = new URLSearchParams(new FormData(form));
    fetch(form.dataset.draft, { method: "POST", body, keepalive: true }).catch(() => {}); // the next key tries again
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(save, PAUSE);
  });
  window.addEventListener("pagehide", save);
}

// A fraction: a slash or Enter leads from the top to the bottom

function joinFraction(form) {
  const below = form.querySelector("#response-below");
  if (!below) return;
  const top = form.querySelector("#response");
  top.addEventListener("keydown", (event) => {
    if (event.key !== "/" && !(event.key === "Enter" && top.value && !below.value)) return;
    event.preventDefault();
    below.focus();
  });
}

// Dictation

function localVoice(language) {
  const voices = window.speechSynthesis?.getVoices() ?? [];
  const base = language.split("-")[0].toLowerCase();
  // Only voices on the device itself: a cloud voice would send the word, and who asks for it, to somebody else.
  return voices.find((voice) => voice.localService && voice.lang.toLowerCase().startsWith(base));
}

function unmask(base64Text, base64Key) {
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const key = bytes(base64Key);
  return new TextDecoder().decode(bytes(base64Text).map((byte, i) => byte ^ key[i]));
}

async function speak(listen, rate) {
  const voice = localVoice(listen.closest("[lang]").lang);
  if (!voice) return false;
  const body = new URLSearchParams({ form_token: document.querySelector("[name=form_token]").value });
  const answer = await fetch(listen.dataset.speech, { method: "POST", body }).catch(() => null);
  if (!answer?.ok) return false;
  const masked = await answer.json();
  const utterance = new SpeechSynthesisUtterance(unmask(masked.text, masked.key));
  utterance.voice = voice;
  utterance.lang = voice.lang;
  utterance.rate = 0.9 * rate;
  window.speechSynthesis.cancel();
  window.speechSynthesis.speak(utterance);
  return true;
}

function listenButtons(listen) {
  if (!document.getElementById("listen-buttons")) return;
  const audio = listen.querySelector("audio");
  const play = async (rate) => {
    if (listen.dataset.speech && (await speak(listen, rate))) return;
    audio.playbackRate = rate;
    audio.currentTime = 0;
    await audio.play().catch(() => (audio.hidden = false)); // the browser's own control says what is wrong
  };
  const buttons = document.getElementById("listen-buttons").content.cloneNode(true);
  const heard = (rate) => (event) => {
    play(rate);
    if (event.detail) document.getElementById("response")?.focus({ preventScroll: true }); // a tap; what was heard is typed next
  };
  buttons.querySelector(".listen-normal").addEventListener("click", heard(1));
  buttons.querySelector(".listen-slow").addEventListener("click", heard(0.7));
  audio.hidden = true;
  audio.preload = "auto";
  listen.append(buttons);
}

// Read aloud: what stands on the card, with a voice on the device itself; never more than is to be seen there

const CARDS = ".item, .feedback, .end, .begin, .goal, .panel, .lesson, .plan, .why, .hero, .teachers-note, .message";

function sentences(card) {
  const found = [];
  const walk = (node, language) => {
    if (node.nodeType === Node.TEXT_NODE && node.data.trim()) found.push([language, node.data.trim()]);
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    if (node.closest("[aria-hidden=true], template, [hidden], audio, .read-aloud, .keypad, select, details:not([open]) > :not(summary)")) return;
    if (node.classList.contains("word")) found.push([node.lang || language, node.textContent.trim()]); // marks cut it up
    else if (node.getAttribute("role") === "img") found.push([node.lang || language, node.ariaLabel]);
    else node.childNodes.forEach((child) => walk(child, node.lang || language));
  };
  walk(card, card.closest("[lang]").lang);
  return found;
}

function readAloud(card) {
  window.speechSynthesis.cancel();
  for (const [language, text] of sentences(card)) {
    const voice = localVoice(language);
    if (!voice) continue;
    const utterance = new SpeechSynthesisUtterance(text);
    Object.assign(utterance, { voice, lang: voice.lang, rate: 0.9 });
    window.speechSynthesis.speak(utterance);
  }
}

function readAloudButtons() {
  if (!localVoice(document.documentElement.lang)) return;
  for (const card of document.querySelectorAll(CARDS)) {
    if (card.querySelector(":scope > .read-aloud")) continue;
    const button = document.getElementById("read-aloud").content.cloneNode(true).querySelector("button");
    button.addEventListener("click", () => readAloud(card));
    card.prepend(button);
  }
}

// Where the device has no voice there is no button. Who counts on being read to is told so, and Settings says it to all.
function sayWhetherItSpeaks() {
  const speaks = Boolean(localVoice(document.documentElement.lang));
  document.querySelectorAll("[data-speaks]").forEach((words) => (words.hidden = (words.dataset.speaks === "yes") !== speaks));
}

window.speechSynthesis?.addEventListener?.("voiceschanged", () => {
  readAloudButtons(); // voices come late
  sayWhetherItSpeaks();
});

// Focus reads the verdict; the live region says what stands below it.
function announce() {
  const said = document.getElementById("said");
  const below = [...document.querySelectorAll(".feedback .solution, .feedback .judged")];
  said?.replaceChildren(...below.flatMap(sentences).map(([language, text]) => {
    const words = document.createElement("span");
    Object.assign(words, { lang: language, textContent: `${text} ` });
    return words;
  }));
}

// What did not get through is offered again, and sent by itself when the network is back

function clearTrouble() {
  document.querySelectorAll(".trouble").forEach((notice) => notice.remove());
}

function showTrouble({ sourceElement, request }) {
  clearTrouble();
  const notice = document.getElementById("trouble").content.cloneNode(true);
  notice.querySelector("button").addEventListener("click", () => {
    if (sourceElement.matches("form")) sourceElement.requestSubmit(request.submitter);
    else sourceElement.click();
  });
  document.querySelector("#practice .actions").before(notice);
  document.querySelector(".trouble p").focus();
}

window.addEventListener("online", () => document.querySelector(".trouble button")?.click());

// Each page, the first one and every one that is swapped in

function prepare() {
  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });
  readAloudButtons();
  setTimeout(sayWhetherItSpeaks, VOICES);
  const first = document.querySelector("[data-reads-aloud] :is(.item, .feedback)");
  if (first) readAloud(first);
  const form = document.getElementById("answer-form");
  if (form) {
    keepDraft(form);
    joinFraction(form);
  }
  document.querySelectorAll(".listen").forEach(listenButtons);
  // Enter after Enter, without a way through the page with Tab.
  document.getElementById("verdict")?.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.repeat) document.querySelector("#retype, #next").click();
  });
}

// The field, which is described by the question; where there is something to hear or to read first, the heading.
function focusOn(hinted) {
  const field = document.querySelector("#practice:not(:has(.item:not(.retype) .listen)) #response");
  const heading = document.querySelector("#practice h1");
  const problem = document.querySelector("#problem") && document.getElementById("response");
  ((hinted && document.getElementById("newest-hint")) || problem || field || heading)?.focus();
}

// Past the menu by keyboard: to what is to be heard or answered first.
function skipMenu(event) {
  if (!event.target.closest(".skip")) return;
  event.preventDefault();
  const first = ".item .listen button, .item form :is(input:not([type=hidden]), select, button)";
  const target = [...document.querySelectorAll(first)].find((each) => each.checkVisibility());
  (target ?? document.querySelector("#practice h1"))?.focus();
}

function rest(next) {
  if (!next) return;
  next.ariaDisabled = "true";
  setTimeout(() => (next.ariaDisabled = null), CALM);
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("#next[aria-disabled]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

document.addEventListener("click", skipMenu);

document.addEventListener("htmx:before:request", (event) => {
  asked = event.detail.ctx;
  clearTrouble();
});

document.addEventListener("htmx:before:response", (event) => {
  if (event.detail.ctx.response.status < 500) return;
  event.preventDefault(); // the page stays, with what was typed
  showTrouble(event.detail.ctx);
});

document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx) showTrouble(event.detail.ctx);
});

document.addEventListener("htmx:after:settle", () => {
  prepare();
  announce();
  const hinted = asked?.request.action.endsWith("/hint");
  if (!hinted) window.scrollTo(0, 0); // what is new begins at the top, however far down the last page was read
  focusOn(hinted);
  rest(document.getElementById("next"));
});

document.addEventListener("DOMContentLoaded", prepare);
