// Plays a class's sound from its pad or button, and moves a line through its pictures. Without it the browser's own
// players stay.
(() => {
  "use strict";
  const all = (selector) => [...document.querySelectorAll(selector)];
  const audioOf = (label) => document.getElementById(`audio-${label}`);
  const buttons = all("[data-plays]");

  const show = (label, playing) => {
    for (const button of buttons.filter((one) => one.dataset.plays === label)) {
      button.classList.toggle("playing", playing);
      if (button.matches(".play")) button.setAttribute("aria-label", `${playing ? "Stop" : "Play"} ${label}`);
    }
    document.querySelector(`[data-strip="${label}"]`).classList.toggle("playing", playing);
  };

  const follow = (label, audio) => {
    const strip = document.querySelector(`[data-strip="${label}"]`);
    const step = () => {
      if (audio.duration) strip.style.setProperty("--at", audio.currentTime / audio.duration);
      if (!audio.paused && !audio.ended) requestAnimationFrame(step);
    };
    step();
  };

  const play = (label, from) => {
    for (const other of all(".sound audio")) other.pause();
    const audio = audioOf(label);
    audio.currentTime = from * (audio.duration || 0);
    audio.play().catch(() => { audio.hidden = false; audio.controls = true; });
  };

  for (const audio of all(".sound audio")) {
    const label = audio.id.slice("audio-".length);
    audio.controls = false;
    audio.hidden = true;
    audio.addEventListener("play", () => { show(label, true); follow(label, audio); });
    for (const end of ["pause", "ended"]) audio.addEventListener(end, () => show(label, false));
  }

  for (const button of buttons) {
    const label = button.dataset.plays;
    button.hidden = false;
    button.addEventListener("click", () => {
      const audio = audioOf(label);
      if (button.matches(".play") && !audio.paused && !audio.ended) audio.pause();
      else play(label, 0);
    });
  }
  for (const group of all(".pads")) group.hidden = false;

  // A pointer may start anywhere; the keyboard has the buttons.
  for (const strip of all("[data-strip]")) {
    strip.addEventListener("click", (event) => {
      const plane = event.target.closest(".plane");
      if (!plane) return;
      const box = plane.getBoundingClientRect();
      play(strip.dataset.strip, Math.min(Math.max((event.clientX - box.left) / box.width, 0), 0.99));
    });
  }
})();
