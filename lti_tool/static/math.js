// Comfort for math items, on native controls that work without it: cards to tap, a marker on a grid, hands of a clock,
// and the next field of a written method.

// Cards in order: tap a card and it goes to the next free place, tap it there and it comes back. The selects stay, hidden,
// and are what is sent. Cards can be dragged to a place too.

function cardTray(field) {
  const selects = [...field.querySelectorAll("select")];
  const cards = new Map([...field.querySelector("template").content.children].map((card) => [card.dataset.value, card]));
  const tray = document.createElement("div");
  tray.className = "tray";
  const places = selects.map((select, at) => {
    const place = document.createElement("button");
    place.type = "button";
    place.className = "card";
    place.addEventListener("click", () => put(at, ""));
    place.addEventListener("dragover", (event) => event.preventDefault());
    place.addEventListener("drop", (event) => {
      event.preventDefault();
      put(at, event.dataTransfer.getData("text/plain"));
    });
    select.closest("label").hidden = true;
    select.closest("li").append(place);
    return place;
  });

  function put(at, value) {
    if (value && !cards.has(value)) return;
    for (const select of selects) if (value && select.value === value) select.value = "";
    selects[at].value = value;
    draw();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function draw() {
    places.forEach((place, at) => {
      const value = selects[at].value;
      const name = field.dataset.place.replace("{place}", at + 1);
      place.classList.toggle("filled", value !== "");
      place.replaceChildren(...(value ? cards.get(value).cloneNode(true).childNodes : [String.fromCharCode(160)]));
      place.ariaLabel = `${name}: ${value ? cards.get(value).textContent : field.dataset.empty}`;
    });
    const placed = new Set(selects.map((select) => select.value));
    for (const [value, card] of cards) card.hidden = placed.has(value);
  }

  for (const [value, card] of cards) {
    tray.append(card);
    card.draggable = true;
    card.addEventListener("dragstart", (event) => event.dataTransfer.setData("text/plain", value));
    card.addEventListener("click", () => {
      const free = selects.findIndex((select) => !select.value);
      if (free < 0) return;
      put(free, value);
      (tray.querySelector("button:not([hidden])") ?? places[free]).focus();
    });
  }
  field.append(tray);
  places[0].id = "response"; // where the focus goes
  selects[0].removeAttribute("id");
  draw();
}

// A marker on a grid follows both sliders, and a tap on the grid moves them

function gridMarker(field) {
  const [along, up] = field.querySelectorAll("input");
  const svg = field.querySelector("svg");
  const marker = svg.querySelector(".marker");
  const unit = 240 / Number(field.dataset.grid);
  const draw = () => marker.setAttribute("transform", `translate(${along.value * unit} ${-up.value * unit})`);
  svg.addEventListener("click", (event) => {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    along.value = Math.round((point.x - 28) / unit);
    up.value = Math.round((250 - point.y) / unit);
    along.dispatchEvent(new Event("input", { bubbles: true }));
  });
  field.addEventListener("input", draw);
  draw();
}

// The hands of a clock follow the two lists

function clockHands(field) {
  const [hours, minutes] = field.querySelectorAll("select");
  const turn = (name, degrees) => field.querySelector(name).setAttribute("transform", `rotate(${degrees} 80 80)`);
  const draw = () => {
    turn(".hand-long", Number(minutes.value) * 6);
    turn(".hand-short", Number(hours.value) * 30 + Number(minutes.value) / 2);
  };
  field.addEventListener("input", draw);
  draw();
}

// In columns a digit leads to the next one

function nextDigit(field) {
  const part = (input) => Number(input.name.split("_")[1]);
  const inputs = [...field.querySelectorAll("input")].sort((a, b) => part(a) - part(b));
  field.addEventListener("input", (event) => {
    const at = inputs.indexOf(event.target);
    if (event.target.classList.contains("note") || event.target.value.length < event.target.maxLength) return;
    inputs.slice(at + 1).find((input) => !input.classList.contains("note") && !input.value)?.focus();
  });
}

function prepareMath() {
  document.querySelectorAll(".field-order:not(:has(.tray))").forEach(cardTray);
  document.querySelectorAll(".field-point").forEach(gridMarker);
  document.querySelectorAll(".field-hands").forEach(clockHands);
  document.querySelectorAll(".field-steps.columns").forEach(nextDigit);
}

document.addEventListener("htmx:after:settle", prepareMath);
document.addEventListener("DOMContentLoaded", prepareMath);
