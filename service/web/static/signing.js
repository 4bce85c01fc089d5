// The key of an expert in the browser: made here, not extractable, kept in IndexedDB; the center only issues a certificate.
(() => {
  "use strict";

  const STORE = "keys";
  const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };
  const SIGNING = { name: "ECDSA", hash: "SHA-256" };

  const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
  const able = () => window.isSecureContext && window.crypto?.subtle && window.indexedDB;

  const open = () => new Promise((resolve, reject) => {
    const request = indexedDB.open("expertpool-signing", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

  const within = async (mode, act) => {
    const database = await open();
    try {
      return await new Promise((resolve, reject) => {
        const request = act(database.transaction(STORE, mode).objectStore(STORE));
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    } finally {
      database.close();
    }
  };

  const load = (account) => within("readonly", (store) => store.get(account));
  const save = (account, value) => within("readwrite", (store) => store.put(value, account));

  const send = async (address, body, key, version) => {
    const seen = version ? { "If-Match": `"${version}"` } : {};
    const answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Idempotency-Key": key, Accept: "application/json", ...seen },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw Object.assign(new Error(String(answer.status)), { answer: await answer.json().catch(() => ({})) });
    return answer.status === 204 ? null : answer.json();
  };

  const sign = async (key, bytes) => crypto.subtle.sign(SIGNING, key, bytes);

  // A key is kept only after its certificate was issued: one without it could never sign.
  const enrol = async (account, challenge, idempotency, counting) => {
    const held = await load(account);
    if (held && counting.includes(held.serial)) return held;
    const pair = await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
    const issued = await send("/api/certificates", {
      key: base64(await crypto.subtle.exportKey("spki", pair.publicKey)),
      challenge,
      proof: base64(await sign(pair.privateKey, new TextEncoder().encode(challenge))),
      form: "raw",
      device: navigator.userAgentData?.platform || navigator.platform || "browser",
    }, idempotency);
    const value = { key: pair.privateKey, serial: issued.serial };
    await save(account, value);
    await navigator.storage?.persist?.();
    return value;
  };

  window.signing = { able, base64, enrol, load, send, sign };

  const place = document.querySelector("[data-enrol]");
  if (!place) return;
  const button = place.querySelector("[data-enrol-start]");
  const says = place.querySelector("[data-enrol-says]");
  if (!able()) {
    says.textContent = says.dataset.unfit;
    return;
  }
  const counting = place.dataset.serials.split(" ");
  load(place.dataset.account).then((held) => {
    if (held && counting.includes(held.serial)) says.textContent = says.dataset.done;
    else button.hidden = false;
  }, () => { says.textContent = says.dataset.unfit; });
  button.addEventListener("click", async () => {
    button.disabled = true;
    says.textContent = says.dataset.working;
    try {
      await enrol(place.dataset.account, place.dataset.enrol, place.dataset.key, counting);
      location.reload();
    } catch (problem) {
      says.textContent = problem.answer?.detail ?? says.dataset.failed;
      button.disabled = false;
    }
  });
})();
