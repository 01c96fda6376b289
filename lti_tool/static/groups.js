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

function prepareGroups() {
  document.querySelectorAll(".field-group:not(:has(.boxes))").forEach(cardGroups);
}

document.addEventListener("htmx:after:settle", prepareGroups);
document.addEventListener("DOMContentLoaded", prepareGroups);
