// An expert's page: a person who touches or scrolls has seen the invitation; signing checks what is signed before it signs.
(() => {
  "use strict";

  const { able, base64, enrol, send, sign } = window.signing;

  const unread = document.querySelector("[data-seen]");
  if (unread) {
    const note = () => {
      for (const sign of ["pointerdown", "keydown", "scroll"]) removeEventListener(sign, note);
      fetch(unread.dataset.seen, { method: "POST", headers: { "Idempotency-Key": unread.dataset.key } }).catch(() => {});
    };
    for (const sign of ["pointerdown", "keydown", "scroll"]) addEventListener(sign, note, { once: true, passive: true });
  }

  // Seconds from the server, not an instant: the clock of a phone, or of the demonstration county, may be another.
  for (const place of document.querySelectorAll("[data-until]")) {
    const until = performance.now() + Number(place.dataset.until) * 1000;
    const show = () => {
      const minutes = Math.floor((until - performance.now()) / 60000);
      place.textContent = minutes < 0 ? place.dataset.over : place.dataset.left.replace("{hours}", Math.floor(minutes / 60)).replace("{minutes}", minutes % 60);
    };
    show();
    setInterval(show, 20000);
  }

  const bytes = (text) => Uint8Array.from(atob(text), (mark) => mark.charCodeAt(0));
  const hex = (buffer) => [...new Uint8Array(buffer)].map((one) => one.toString(16).padStart(2, "0")).join("");

  // The digest is computed here, over the document that was fetched: nobody signs what was not shown.
  const checked = async (waiting) => {
    const document = new Uint8Array(await (await fetch(waiting.document)).arrayBuffer());
    const [first, last] = waiting.gap;
    const signed = new Uint8Array(document.length - (last - first));
    signed.set(document.subarray(0, first));
    signed.set(document.subarray(last), first);
    const digest = hex(await crypto.subtle.digest("SHA-256", signed));
    const content = bytes(waiting.to_sign);
    if (digest !== waiting.digest || !hex(content).includes(digest)) throw Object.assign(new Error("changed"), { changed: true });
    return content;
  };

  // What is typed goes to the server some seconds later, under the version that was seen: a tab that another one has
  // overtaken saves nothing any more and says so. Typing while a save is under way is saved after it; sending the form
  // waits for it. A save whose answer was lost is sent again under its own key before anything newer, so that it is
  // never taken for somebody else's. Nothing typed is signed before it was saved and shown.
  for (const form of document.querySelectorAll("form[data-autosave]")) {
    const says = document.querySelector("[data-autosave-says]");
    const version = form.elements.version;
    let waiting, changed = false, attempt = null, saving = null, stopped = false;
    const later = (seconds) => {
      clearTimeout(waiting);
      waiting = setTimeout(save, seconds * 1000);
    };
    const begin = () => {
      const typed = new FormData(form);
      const body = { points: typed.get("points").split("\n"), conclusion: typed.get("conclusion") ?? "" };
      for (const name of ["necessity", "feasibility", "soundness", "risk", "dissent"]) body[name] = typed.get(name);
      changed = false;
      form.dispatchEvent(new Event("saving"));
      return { body: JSON.stringify(body), key: crypto.randomUUID() };
    };
    // Resolves to whether the server has answered for good: only then does the form go the ordinary way.
    const put = async () => {
      attempt ??= begin();
      const control = new AbortController();
      const timer = setTimeout(() => control.abort(), 30000);
      let answer, said;
      try {
        answer = await fetch(form.dataset.autosave, {
          method: "PUT",
          headers: { "Content-Type": "application/json", "If-Match": `"${version.value}"`, "Idempotency-Key": attempt.key, Accept: "application/json" },
          body: attempt.body,
          signal: control.signal,
        });
        said = await answer.json();
      } catch {
        says.textContent = answer ? says.dataset.unwell : says.dataset.offline;
        later(15);
        return false;
      } finally {
        clearTimeout(timer);
      }
      if (answer.status >= 500 || answer.status === 429 || said.code === "IN_FLIGHT") {
        says.textContent = says.dataset.unwell;
        later(15);
        return false;
      }
      attempt = null;
      if (answer.ok) {
        version.value = said.version;
        form.dispatchEvent(new Event("saved"));
        says.textContent = says.dataset.saved;
        if (changed) later(3);
      } else {
        stopped = answer.status === 412;
        says.textContent = stopped ? says.dataset.outdated : says.dataset.refused;
      }
      return true;
    };
    const save = () => {
      clearTimeout(waiting);
      if (saving || stopped || !(changed || attempt)) return;
      saving = put().finally(() => { saving = null; });
    };
    const typed = () => {
      changed = true;
      later(3);
      for (const place of document.querySelectorAll("[data-sign=opinion]")) {
        place.dataset.held = "yes";
        place.querySelector("[data-sign-start]").disabled = true;
        const line = place.querySelector("[data-sign-says]");
        line.textContent = line.dataset.unsaved;
      }
    };
    form.addEventListener("input", typed);
    if (form.dataset.restored) typed();
    form.addEventListener("submit", async (event) => {
      clearTimeout(waiting);
      if (!attempt && navigator.onLine) {
        stopped = true;
        return;
      }
      event.preventDefault();
      changed = true;
      save();
      if (await saving) form.requestSubmit(event.submitter);
    });
    addEventListener("online", save);
  }

  for (const place of document.querySelectorAll("[data-sign]")) {
    const button = place.querySelector("[data-sign-start]");
    const says = place.querySelector("[data-sign-says]");
    const { sign: kind, matter, account, challenge, key } = place.dataset;
    if (!able()) {
      says.textContent = says.dataset.unfit;
      continue;
    }
    button.hidden = false;
    button.addEventListener("click", async () => {
      button.disabled = true;
      says.textContent = says.dataset.working;
      try {
        const held = await enrol(account, challenge, `${key}-enrol`, place.dataset.serials.split(" "));
        const waiting = await send(`/api/reviews/${matter}/${kind}/prepare`, { serial: held.serial }, crypto.randomUUID(), place.dataset.version);
        says.textContent = says.dataset.checking;
        const signature = base64(await sign(held.key, await checked(waiting)));
        const body = { id: waiting.id, signature, form: "raw" };
        try {
          await send(`/api/reviews/${matter}/${kind}/sign`, body, `${waiting.id}-sign`);
        } catch (problem) {
          if (problem.answer) throw problem;
          // The answer was lost on the way: the same key asks for the same act and never signs twice.
          await send(`/api/reviews/${matter}/${kind}/sign`, body, `${waiting.id}-sign`);
        }
        location.assign(`/reviews/${matter}`);
        location.reload();
      } catch (problem) {
        says.textContent = problem.changed ? says.dataset.changed : problem.answer?.detail ?? says.dataset.failed;
        button.disabled = "held" in place.dataset;
      }
    });
  }
})();
