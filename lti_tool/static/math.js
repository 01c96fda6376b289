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
  const [low, high] = [Number(field.dataset.low), Number(field.dataset.high)];
  const unit = 240 / (high - low); // as in item_banks/pictures/plane.py
  const draw = () => marker.setAttribute("transform", `translate(${along.value * unit} ${-up.value * unit})`);
  svg.addEventListener("click", (event) => {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    along.value = low + Math.round((point.x - 28) / unit);
    up.value = low + Math.round((250 - point.y) / unit);
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

// Cards into groups: one card is up, and a tap on a group puts it there; so does dragging any card to a group, and Enter on
// a group by keyboard. A card that was placed comes up again with a tap. The radio buttons stay, hidden, and are what is
// sent; without this script they are the way to answer.

function cardGroups(field) {
  const cards = [...field.querySelectorAll("fieldset.sorted")].map((set) => ({
    radios: [...set.querySelectorAll("input")],
    button: cardButton(set.querySelector("legend")),
    name: nameOf(set.querySelector("legend")),
  }));
  const boxes = cards[0].radios.map((radio) => groupBox(radio.closest("label").querySelector("span[lang]"), field.dataset.to));
  const tray = Object.assign(document.createElement("div"), { className: "tray" });
  const said = Object.assign(document.createElement("p"), { className: "spoken", role: "status" });
  let up = null;

  const placed = (card) => card.radios.findIndex((radio) => radio.checked);

  function put(card, at) {
    card.radios[at].checked = true;
    const next = cards.find((each) => placed(each) < 0) ?? null;
    lift(next);
    said.textContent = field.dataset.in.replace("{card}", card.name).replace("{group}", boxes[at].name);
    if (next) said.textContent += ` ${field.dataset.next.replace("{card}", next.name)}`;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function lift(card) {
    if (card) card.radios.forEach((radio) => (radio.checked = false));
    up = card;
    for (const each of cards) {
      const at = placed(each);
      (at < 0 ? tray : boxes[at].cards).append(each.button);
      each.button.ariaPressed = String(each === up);
    }
    tray.hidden = !tray.children.length;
    boxes.forEach((box) => box.target.classList.toggle("open", up !== null));
  }

  cards.forEach((card, at) => {
    tray.append(card.button);
    card.button.draggable = true;
    card.button.addEventListener("click", () => {
      lift(card);
      card.button.focus(); // it has moved
    });
    card.button.addEventListener("dragstart", (event) => event.dataTransfer.setData("text/plain", String(at)));
  });
  boxes.forEach((box, at) => {
    box.target.addEventListener("click", () => up && put(up, at));
    box.frame.addEventListener("dragover", (event) => event.preventDefault());
    box.frame.addEventListener("drop", (event) => {
      event.preventDefault();
      const card = cards[Number(event.dataTransfer.getData("text/plain"))];
      if (card) put(card, at);
    });
  });
  field.querySelectorAll("fieldset.sorted").forEach((set) => (set.hidden = true));
  field.querySelector("#response").removeAttribute("id");
  const frames = Object.assign(document.createElement("div"), { className: "boxes" });
  frames.append(...boxes.map((box) => box.frame));
  field.append(tray, frames, said);
  const first = cards.find((card) => placed(card) < 0);
  lift(first ?? null);
  (first ?? cards[0]).button.id = "response"; // where the focus goes
}

function cardButton(legend) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "card", lang: legend.lang });
  button.append(...legend.cloneNode(true).childNodes);
  return button;
}

function groupBox(label, to) {
  const frame = Object.assign(document.createElement("div"), { className: "box" });
  const target = Object.assign(document.createElement("button"), { type: "button", className: "target", lang: label.lang });
  target.append(...label.cloneNode(true).childNodes);
  target.ariaLabel = `${to} ${nameOf(label)}`;
  const cards = Object.assign(document.createElement("div"), { className: "cards" });
  frame.append(target, cards);
  return { frame, target, cards, name: nameOf(label) };
}

function nameOf(label) {
  return (label.querySelector(".spoken") ?? label).textContent.trim(); // math has its words beside it
}

function prepareMath() {
  document.querySelectorAll(".field-order:not(:has(.tray))").forEach(cardTray);
  document.querySelectorAll(".field-group:not(:has(.boxes))").forEach(cardGroups);
  document.querySelectorAll(".field-point").forEach(gridMarker);
  document.querySelectorAll(".field-hands").forEach(clockHands);
  document.querySelectorAll(".field-steps.columns").forEach(nextDigit);
}

document.addEventListener("htmx:after:settle", prepareMath);
document.addEventListener("DOMContentLoaded", prepareMath);
