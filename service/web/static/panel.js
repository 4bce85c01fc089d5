// Assembling a panel: a window for the reason of a lock, the filter of candidates, printing.
(() => {
  "use strict";

  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
  for (const part of document.querySelectorAll(".narrow-list")) part.hidden = false;

  const dialog = document.getElementById("lock-dialog");
  if (!dialog) return;
  const form = dialog.querySelector("form");
  const title = dialog.querySelector("h2");
  let opener = null;

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-lock]");
    if (!link) return;
    opener = link;
    form.elements.expert.value = link.dataset.lock;
    form.elements.locked.value = link.dataset.as;
    title.textContent = dialog.dataset[link.dataset.as].replace("{name}", link.dataset.name);
    dialog.showModal();
    form.elements.reason.focus();
  });
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => opener?.focus());
})();
