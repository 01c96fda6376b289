// Keys on the screen for fingers: below the buttons, so that they never hide the question, and without the device's own
// keyboard, which would hide it and suggest words. A keyboard that is plugged in goes on working.

const BACK = "⌫";
const LETTERS = { en: "abcdefghijklmnopqrstuvwxyz'-", nl: "abcdefghijklmnopqrstuvwxyzëïé'" };

const spells = (input) => Boolean(input.closest(".field-text"));

function keysFor(input, form) {
  if (spells(input)) return [...(LETTERS[(input.lang || "en").split("-")[0]] ?? LETTERS.en), BACK];
  return [..."1234567890", ...(form.dataset.marks ?? ""), BACK];
}

function press(input, key) {
  const [from, to] = [input.selectionStart ?? input.value.length, input.selectionEnd ?? input.value.length];
  if (key === BACK) input.setRangeText("", from === to ? Math.max(0, from - 1) : from, to, "end");
  else if (input.value.length - (to - from) < input.maxLength) input.setRangeText(key, from, to, "end");
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

// Who taps a field and sees no keys below it would wait for some: they come into sight, and the field stays there.
function bringKeys(pad, input) {
  pad.scrollIntoView({ block: "nearest" });
  input.scrollIntoView({ block: "nearest" });
}

function addKeypad(form) {
  const inputs = [...form.querySelectorAll('input[type="text"][inputmode]')];
  if (!inputs.length || form.querySelector(".keypad")) return;
  let current = inputs.find((input) => input.id === "response") ?? inputs[0];
  const pad = document.createElement("div");
  pad.className = "keypad";
  pad.role = "group";
  pad.ariaLabel = document.getElementById("keypad-words").dataset.keys;
  for (const key of keysFor(current, form)) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = key;
    if (key === BACK) button.ariaLabel = document.getElementById("keypad-words").dataset.back;
    button.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
    button.addEventListener("click", () => {
      press(current, key);
      current.focus({ preventScroll: true });
    });
    pad.append(button);
  }
  pad.classList.toggle("letters", spells(current));
  for (const input of inputs) {
    input.addEventListener("focus", () => (current = input));
    input.addEventListener("click", () => bringKeys(pad, input));
    input.inputMode = "none";
  }
  form.querySelector(".actions").after(pad);
}

function prepareKeys() {
  if (!matchMedia("(pointer: coarse)").matches) return;
  document.querySelectorAll("#answer-form, #retype-form, #warm-up-form").forEach(addKeypad);
}

document.addEventListener("htmx:after:settle", prepareKeys);
document.addEventListener("DOMContentLoaded", prepareKeys);
