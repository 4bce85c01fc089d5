// Keyboard: the command palette (Ctrl+K), the list of shortcuts (?), and "g" followed by a letter for a place.
(() => {
  "use strict";

  const palette = document.getElementById("palette");
  const shortcuts = document.getElementById("shortcuts");
  if (!palette || !shortcuts) return;
  const words = document.getElementById("words").dataset;
  const input = palette.querySelector("input");
  const list = palette.querySelector("ul");
  const places = [...document.querySelectorAll(".site-nav a[data-key]")];
  const single = shortcuts.querySelector("[data-single-keys]");
  const SINGLE = "single keys";

  single.checked = localStorage.getItem(SINGLE) !== "off";
  single.addEventListener("change", () => localStorage.setItem(SINGLE, single.checked ? "on" : "off"));
  for (const hint of document.querySelectorAll(".shortcut-hint, [data-shortcuts]")) hint.hidden = false;

  const keys = shortcuts.querySelector(".keys");
  for (const place of places.slice(1)) {
    const row = keys.lastElementChild.cloneNode(true);
    row.querySelectorAll("kbd")[1].textContent = place.dataset.key;
    row.querySelector("dd").textContent = place.firstChild.textContent.trim();
    keys.append(row);
  }

  const openShortcuts = () => { if (!shortcuts.open) shortcuts.showModal(); };
  const openPalette = () => {
    if (palette.open) return;
    palette.showModal();
    input.select();
    search();
  };
  for (const button of document.querySelectorAll("[data-shortcuts]")) button.addEventListener("click", openShortcuts);

  const say = (text) => {
    const line = Object.assign(document.createElement("li"), { textContent: text, className: "soft" });
    list.replaceChildren(line);
  };
  const choose = (at) => {
    const options = [...list.querySelectorAll("[role=option]")];
    if (!options.length) return;
    const now = options[(at + options.length) % options.length];
    for (const option of options) option.setAttribute("aria-selected", String(option === now));
    input.setAttribute("aria-activedescendant", now.id);
    now.scrollIntoView({ block: "nearest" });
  };
  const show = (results) => {
    list.replaceChildren(...results.map((result, at) => {
      const option = document.createElement("li");
      option.id = `found-${at}`;
      option.setAttribute("role", "option");
      option.dataset.href = result.href;
      const detail = [result.kind, result.detail].filter(Boolean).join(" · ");
      option.append(
        Object.assign(document.createElement("span"), { textContent: result.says }),
        Object.assign(document.createElement("span"), { textContent: detail, className: "soft" }),
      );
      return option;
    }));
    if (results.length) choose(0);
    else say(words.nothing);
  };

  let asked = 0;
  let later;
  const search = async () => {
    const text = input.value.trim();
    const turn = ++asked;
    const near = places
      .filter((place) => !text || place.textContent.toLowerCase().includes(text.toLowerCase()))
      .map((place) => ({ says: place.firstChild.textContent.trim(), href: place.pathname, detail: `g ${place.dataset.key}` }));
    if (!text) {
      show(near);
      return;
    }
    try {
      const answer = await fetch("/search", {
        method: "POST",
        headers: { Accept: "application/json" },
        body: new URLSearchParams({ text }),
      });
      if (turn !== asked) return;
      if (!answer.ok) throw new Error(String(answer.status));
      show([...near, ...(await answer.json()).results]);
    } catch {
      if (turn === asked) say(words.offline);
    }
  };
  input.addEventListener("input", () => {
    clearTimeout(later);
    later = setTimeout(search, 150);
  });
  palette.addEventListener("keydown", (event) => {
    const options = [...list.querySelectorAll("[role=option]")];
    const now = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown") choose(now + 1);
    else if (event.key === "ArrowUp") choose(now - 1);
    else if (event.key === "Escape" && !event.isComposing) palette.close(); // a search box would only empty itself
    else if (event.key === "Enter" && !event.isComposing && options[now]) location.assign(options[now].dataset.href);
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.href);
  });
  palette.addEventListener("click", (event) => { if (event.target === palette) palette.close(); });

  let goingSince = 0;
  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      openPalette();
      return;
    }
    const typing = event.target.closest?.("input, select, textarea, [contenteditable], dialog");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !single.checked) return;
    if (event.key === "?") openShortcuts();
    else if (event.key === "/") {
      const box = document.querySelector(".site-search input");
      if (box?.offsetParent) box.focus();
      else openPalette();
    } else if (event.timeStamp - goingSince < 1500 && places.some((place) => place.dataset.key === event.key)) {
      location.assign(places.find((place) => place.dataset.key === event.key).href);
    } else {
      goingSince = event.key === "g" ? event.timeStamp : 0;
      return;
    }
    event.preventDefault();
  });
})();
