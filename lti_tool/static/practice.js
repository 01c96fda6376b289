// Comfort on top of pages that work without it: focus after a swap, a typed answer that survives a reload, and the
// device's own voice for dictation where it has one.

const DRAFT = "proximal-draft-";

function storage() {
  try {
    return window.sessionStorage; // may throw in a frame on another site
  } catch {
    return null;
  }
}

function keepDraft(form) {
  const field = form.querySelector("#response");
  const key = DRAFT + form.elements.item.value;
  if (!field) return;
  if (!field.value) field.value = storage()?.getItem(key) ?? "";
  field.addEventListener("input", () => storage()?.setItem(key, field.value));
}

// A double tap sends once: the second tap finds the buttons resting until an answer or an error comes.
function sendOnce(form) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sending) event.preventDefault();
    form.dataset.sending = "yes";
    setTimeout(() => delete form.dataset.sending, 4000);
  });
}

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

async function speak(listen, form, rate) {
  const body = new URLSearchParams({ form_token: form.elements.form_token.value });
  const answer = await fetch(listen.dataset.speech, { method: "POST", body });
  if (!answer.ok) return false;
  const masked = await answer.json();
  const voice = localVoice(masked.language);
  if (!voice) return false;
  const utterance = new SpeechSynthesisUtterance(unmask(masked.text, masked.key));
  utterance.voice = voice;
  utterance.lang = voice.lang;
  utterance.rate = rate;
  window.speechSynthesis.cancel();
  window.speechSynthesis.speak(utterance);
  return true;
}

function listenButtons(listen, form) {
  const audio = listen.querySelector("audio");
  const language = listen.closest("[lang]").lang;
  const play = async (rate) => {
    if (localVoice(language) && (await speak(listen, form, 0.9 * rate))) return;
    audio.playbackRate = rate;
    audio.currentTime = 0;
    audio.play();
  };
  const template = document.getElementById("listen-buttons");
  const buttons = template.content.cloneNode(true);
  buttons.querySelector(".listen-normal").addEventListener("click", () => play(1));
  buttons.querySelector(".listen-slow").addEventListener("click", () => play(0.75));
  audio.hidden = true;
  audio.preload = "auto";
  listen.append(buttons);
}

function prepare(practice) {
  const form = practice.querySelector("#answer-form");
  if (!form) return;
  keepDraft(form);
  sendOnce(form);
  practice.querySelectorAll(".listen").forEach((listen) => listenButtons(listen, form));
}

function focusOn(practice) {
  // The heading first, so that a screen reader says what is new; the field where there is nothing to listen to first.
  const field = practice.querySelector("#response");
  const target = field && !practice.querySelector(".listen") ? field : practice.querySelector("h1, #next");
  (practice.querySelector("#next") && matchMedia("(pointer: fine)").matches ? practice.querySelector("#next") : target)?.focus();
}

document.addEventListener("DOMContentLoaded", () => {
  const practice = document.getElementById("practice");
  if (practice) prepare(practice);
});
document.addEventListener("htmx:after:settle", () => {
  const practice = document.getElementById("practice");
  if (!practice || practice.dataset.prepared) return;
  practice.dataset.prepared = "yes";
  prepare(practice);
  focusOn(practice);
});
