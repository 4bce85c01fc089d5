// Assembling a panel: a window for the reason of a lock in place of a page of its own; printing.
(() => {
  "use strict";

  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }

  const dialog = document.getElementById("lock-dialog");
  if (!dialog) return;
  const form = dialog.querySelector("form");
  const title = dialog.querySelector("h2");
  let opener = null;

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-lock]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
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
