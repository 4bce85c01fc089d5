// Small helps for pages that also work without them: the menu, double sending, drafts of typed text, picking rows,
// copying. Nothing here decides anything; the server does.
(() => {
  "use strict";

  const root = document.documentElement;
  const words = document.getElementById("words").dataset;
  root.classList.add("script");

  const element = (name, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };

  // The menu of narrow screens
  const menu = document.querySelector("[data-menu]");
  if (menu) {
    menu.addEventListener("click", () => {
      const open = menu.getAttribute("aria-expanded") !== "true";
      menu.setAttribute("aria-expanded", String(open));
      for (const part of document.querySelectorAll(".site-nav, .site-search, .language, .account")) part.classList.toggle("open", open);
    });
  }

  // Filters that narrow nothing give a phone's screen to the list
  const narrow = matchMedia("screen and (max-width: 48rem)");
  const fold = () => {
    for (const part of document.querySelectorAll("[data-fold='']")) part.open = !narrow.matches;
  };
  narrow.addEventListener("change", fold);
  fold();

  // Sheets close on Escape and on a click elsewhere
  document.addEventListener("click", (event) => {
    for (const sheet of document.querySelectorAll("details[data-popover][open]")) {
      if (!sheet.contains(event.target)) sheet.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const sheet = document.activeElement?.closest("details[data-popover][open], details[data-dialog][open]");
    if (!sheet) return;
    sheet.open = false;
    sheet.querySelector("summary").focus();
  });
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.("details[data-dialog][open]")) {
      event.target.querySelector("input:not([type=hidden]), select, textarea")?.focus();
    }
  }, true);

  // The list of faults is the first thing to read
  const faults = document.querySelector("[data-focus]");
  if (faults) {
    for (const link of faults.querySelectorAll("a[data-bare]")) {
      const field = document.getElementById(link.getAttribute("href").slice(1));
      const label = field?.closest(".field")?.querySelector("label, legend")?.firstChild.textContent.trim();
      if (label) link.prepend(`${label}${words.colon}`);
    }
    faults.focus();
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".faults a[href^='#']");
    const field = link && document.getElementById(link.getAttribute("href").slice(1));
    if (!field) return;
    event.preventDefault();
    field.closest("details")?.setAttribute("open", "");
    field.focus();
    field.scrollIntoView({ block: "center" });
  });

  // A form is sent once. The button stays focusable and says that work goes on.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sending) {
      event.preventDefault();
      return;
    }
    form.dataset.sending = "yes";
    const button = event.submitter;
    if (button?.classList.contains("button")) {
      button.classList.add("busy");
      button.setAttribute("aria-disabled", "true");
      button.dataset.label = button.textContent;
      setTimeout(() => { if (form.dataset.sending) button.textContent = words.busy; }, 400);
    }
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sending]")) {
      delete form.dataset.sending;
      for (const button of form.querySelectorAll(".busy")) {
        button.classList.remove("busy");
        button.removeAttribute("aria-disabled");
        if (button.dataset.label) button.textContent = button.dataset.label;
      }
    }
  });

  // Drafts: typed text survives a lost connection or a closed lid, in this tab only, until it is sent or thrown away.
  // Passwords, identity numbers, files and hidden fields are never kept.
  const PREFIX = "draft ";
  const kept = (field) => field.name && !field.matches(
    "[type=password], [type=hidden], [type=file], [type=submit], [type=search], [data-private], [name*=identity], [name*=id_number], [name*=password]",
  );
  const read = (form) => [...form.elements].filter(kept).map((field) => (
    field.matches("[type=checkbox], [type=radio]") ? field.checked : field.value
  ));
  const write = (form, values) => {
    [...form.elements].filter(kept).forEach((field, at) => {
      if (field.matches("[type=checkbox], [type=radio]")) field.checked = values[at];
      else field.value = values[at];
    });
  };
  const forms = [...document.querySelectorAll("form[method=post]")].filter((form) => (
    !form.matches(".act, [role=search], [data-no-draft]") && [...form.elements].some(kept)
  ));
  const dirty = new Set();
  const drop = (test) => {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX) && test(key)) sessionStorage.removeItem(key);
  };
  if (document.querySelector("[data-notice]")) drop((key) => JSON.parse(sessionStorage.getItem(key)).sent);
  forms.forEach((form, at) => {
    const key = `${PREFIX}${location.pathname} ${new URL(form.action).pathname} ${at}`;
    // A form that saves itself knows by its version, not by its text, what was typed since: what came back comes back
    // under the version it was typed over, and the server shows both where another device has saved.
    const version = form.matches("[data-autosave]") ? form.elements.version : null;
    const served = version?.value;
    const bare = (text) => (version ? text.replace(/(\\n|\s)+/g, "") : text);
    let asServed = JSON.stringify(read(form)), sending = asServed;
    const stored = JSON.parse(sessionStorage.getItem(key) ?? "null");
    const failed = document.querySelector(".faults");
    let bar;
    const fits = stored && !failed && (version || stored.served === asServed);
    if (fits && bare(JSON.stringify(stored.values)) !== bare(asServed)) {
      write(form, stored.values);
      dirty.add(form);
      if (version) {
        version.value = stored.version;
        form.dataset.restored = "yes";
      }
      const discard = element("button", { type: "button", className: "button", textContent: words.discard });
      bar = element("div", { className: "draft-bar" }, element("p", { textContent: words.draft }), discard);
      bar.setAttribute("role", "status");
      discard.addEventListener("click", () => {
        write(form, JSON.parse(asServed));
        sessionStorage.removeItem(key);
        dirty.delete(form);
        bar.remove();
        if (!version) return;
        version.value = served;
        form.dispatchEvent(new Event("input"));
      });
      form.prepend(bar);
    } else if (stored && !failed) {
      sessionStorage.removeItem(key);
    }
    const keep = (sent) => {
      const values = read(form);
      if (JSON.stringify(values) === asServed) {
        sessionStorage.removeItem(key);
        dirty.delete(form);
        return;
      }
      dirty.add(form);
      sessionStorage.setItem(key, JSON.stringify({ served: asServed, version: version?.value, values, sent }));
    };
    let later;
    form.addEventListener("input", () => {
      clearTimeout(later);
      dirty.add(form);
      later = setTimeout(keep, 400, false);
    });
    form.addEventListener("saving", () => { sending = JSON.stringify(read(form)); });
    form.addEventListener("saved", () => {
      asServed = sending;
      bar?.remove();
      keep(false);
    });
    form.addEventListener("submit", () => {
      clearTimeout(later);
      keep(true);
      dirty.clear();
    });
  });
  for (const form of document.querySelectorAll("[data-sign-out]")) form.addEventListener("submit", () => drop(() => true));
  addEventListener("beforeunload", (event) => {
    if (dirty.size) event.preventDefault();
  });

  // How many characters are left
  for (const line of document.querySelectorAll("[data-counter]")) {
    const field = document.getElementById(line.dataset.counter);
    const most = Number(field.dataset.most);
    const say = () => {
      const left = most - [...field.value].length;
      line.textContent = (left < 0 ? words.over : words.left).replace("{n}", Math.abs(left));
    };
    field.addEventListener("input", say);
    say();
  }

  // Picking rows, with Shift for a range
  for (const form of document.querySelectorAll("form")) {
    const picks = [...form.querySelectorAll("[data-pick]")];
    if (!picks.length) continue;
    const all = form.querySelector("[data-pick-all]");
    const bulk = form.querySelector("[data-bulk]");
    let last = null;
    const show = () => {
      const n = picks.filter((pick) => pick.checked).length;
      for (const pick of picks) pick.closest("tr").classList.toggle("picked", pick.checked);
      if (all) {
        all.checked = n === picks.length;
        all.indeterminate = n > 0 && n < picks.length;
      }
      if (bulk) {
        bulk.hidden = n === 0;
        bulk.querySelector("[data-picked-count]").textContent = n;
      }
    };
    all?.addEventListener("change", () => {
      for (const pick of picks) pick.checked = all.checked;
      show();
    });
    form.addEventListener("click", (event) => {
      const pick = event.target.closest("[data-pick]");
      if (!pick) return;
      if (event.shiftKey && last) {
        const [from, to] = [picks.indexOf(last), picks.indexOf(pick)].sort((a, b) => a - b);
        for (const between of picks.slice(from, to + 1)) between.checked = pick.checked;
      }
      last = pick;
      show();
    });
    show();
  }

  // Copying
  if (navigator.clipboard) {
    for (const text of document.querySelectorAll(".copyable [data-copy]")) {
      const button = element("button", { type: "button", textContent: words.copy });
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(text.textContent.trim());
        button.textContent = words.copied;
        setTimeout(() => { button.textContent = words.copy; }, 2000);
      });
      text.after(button);
    }
  }

  // Lists that narrow while one types: <input data-narrow="#list"> hides items whose text or data-find lacks a word.
  for (const input of document.querySelectorAll("[data-narrow]")) {
    const items = [...document.querySelectorAll(`${input.dataset.narrow} [data-find]`)];
    const shown = document.querySelector(input.dataset.shown ?? null);
    input.addEventListener("input", () => {
      const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let n = 0;
      for (const item of items) {
        const hit = wanted.every((word) => item.dataset.find.toLowerCase().includes(word));
        item.hidden = !hit;
        n += hit;
      }
      if (shown) shown.textContent = n;
    });
  }
})();
