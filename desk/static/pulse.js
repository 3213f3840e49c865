// Asks now and then whether a shift was reported or revised, and offers to show it. Never reloads a page
// that somebody reads; only the page that waits for the first stories fills by itself.
"use strict";
(() => {
  const { text, button, empty } = document.currentScript.dataset;
  const EVERY_MS = 20000;
  let known = null;

  const offer = () => {
    if (document.querySelector(".bar")) return;
    const bar = document.createElement("div");
    bar.className = "bar";
    bar.setAttribute("role", "status");
    const line = document.createElement("span");
    line.textContent = text;
    const show = document.createElement("button");
    show.type = "button";
    show.textContent = button;
    show.addEventListener("click", () => location.reload());
    bar.append(line, show);
    document.getElementById("main").append(bar);
  };

  const look = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch("/api/pulse", { cache: "no-store" });
      if (!answer.ok) return;
      const pulse = await answer.json();
      const mark = JSON.stringify([pulse.shifts, pulse.newest]);
      if (empty && pulse.latest) location.reload();
      else if (known !== null && known !== mark) offer();
      known = mark;
    } catch {
      // The desk is being restarted; the next look will tell.
    }
  };

  look();
  setInterval(look, empty ? EVERY_MS / 4 : EVERY_MS);
})();
