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
  // overtaken saves nothing any more and says so.
  for (const form of document.querySelectorAll("form[data-autosave]")) {
    const says = document.querySelector("[data-autosave-says]");
    const version = form.elements.version;
    let waiting, busy = false, stopped = false;
    const save = async () => {
      if (busy || stopped) return;
      busy = true;
      const typed = new FormData(form);
      const body = { points: typed.get("points").split("\n"), conclusion: typed.get("conclusion") ?? "" };
      for (const name of ["necessity", "feasibility", "soundness", "risk", "dissent"]) body[name] = typed.get(name);
      const text = JSON.stringify(body);
      try {
        const answer = await fetch(form.dataset.autosave, {
          method: "PUT",
          headers: { "Content-Type": "application/json", "If-Match": `"${version.value}"`, "Idempotency-Key": crypto.randomUUID(), Accept: "application/json" },
          body: text,
        });
        if (answer.ok) {
          version.value = (await answer.json()).version;
          says.textContent = says.dataset.saved;
        } else {
          stopped = true;
          says.textContent = answer.status === 412 ? says.dataset.outdated : says.dataset.refused;
        }
      } catch {
        says.textContent = says.dataset.offline;
        waiting = setTimeout(save, 15000);
      }
      busy = false;
    };
    form.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(save, 3000);
    });
    form.addEventListener("submit", () => { stopped = true; clearTimeout(waiting); });
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
        const waiting = await send(`/api/reviews/${matter}/${kind}/prepare`, { serial: held.serial }, `${crypto.randomUUID()}`);
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
        button.disabled = false;
      }
    });
  }
})();
