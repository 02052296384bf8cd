"use strict";
const tests = [...document.querySelectorAll(".test")];
const buttons = [...document.querySelectorAll("button[data-show]")];
const search = document.querySelector("input[type=search]");
let shown = "all";

function show() {
  const word = search.value.trim().toLowerCase();
  for (const test of tests) {
    const fits = shown === "all" || test.dataset.outcome === shown;
    test.hidden = !fits || (word !== "" && !test.textContent.toLowerCase().includes(word));
  }
  for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.show === shown));
}

for (const button of buttons) {
  button.addEventListener("click", () => {
    shown = button.dataset.show;
    history.replaceState(null, "", "#" + shown);
    show();
  });
}
search.addEventListener("input", show);
if (buttons.some((button) => "#" + button.dataset.show === location.hash)) shown = location.hash.slice(1);
show();
