// Narrows the list of skills while one types; without it the "Search" button does the same.
"use strict";
const field = document.getElementById("q");
const found = document.getElementById("found");
function narrow() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  let any = false;
  for (const grade of document.querySelectorAll("[data-grade]")) {
    let shown = false;
    for (const strand of grade.querySelectorAll("[data-strand]")) {
      let fits = false;
      for (const row of strand.querySelectorAll("[data-words]")) {
        const here = words.every((word) => row.dataset.words.includes(word)) || row.querySelector("input").checked;
        row.hidden = !here;
        fits = fits || here;
      }
      strand.hidden = !fits;
      shown = shown || fits;
    }
    grade.hidden = !shown;
    if (words.length) grade.open = shown;
    grade.querySelector(".whole")?.toggleAttribute("hidden", words.length > 0);
    any = any || shown;
  }
  for (const subject of document.querySelectorAll(".subjects > .subject")) {
    subject.hidden = !subject.querySelector("[data-grade]:not([hidden])");
  }
  found.textContent = any ? "" : found.dataset.none;
}
field.addEventListener("input", narrow);
field.addEventListener("keydown", (event) => {
  if (event.key === "Enter") event.preventDefault();
});
