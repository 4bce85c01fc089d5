/* "Check it yourself": the reader's own browser fetches the record and draws again. Without scripts there is the file. */

const words = document.getElementById("verdicts")?.dataset;
const verdict = document.getElementById("verdict");

for (const button of document.querySelectorAll("[data-verify]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const { verify, published, verifier, worker } = button.dataset;
    button.disabled = true;
    verdict.className = "soft";
    verdict.textContent = words.running;
    const begun = performance.now();
    const found = await checked(worker, { record: verify, published, verifier });
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    if (found === null) show(false, words.failed, []);
    else if (found.code === null) show(true, words.true.replace("{seconds}", seconds), found.unchecked);
    else show(false, wordsOf(found.code), found.unchecked);
    button.disabled = false;
  });
}

/** What the worker finds, or null where it could not: a record that did not come, a browser without such workers. */
function checked(address, question) {
  return new Promise((resolve) => {
    const worker = new Worker(address, { type: "module" });
    const end = (found) => {
      worker.terminate();
      resolve(found);
    };
    worker.addEventListener("message", ({ data }) => end(data));
    worker.addEventListener("error", () => end(null));
    // Addresses in a page are of the page; a worker has its own.
    worker.postMessage({
      ...question,
      record: new URL(question.record, location.href).href,
      verifier: new URL(question.verifier, location.href).href,
    });
  });
}

function wordsOf(code) {
  return words[code.toLowerCase().replace(/_(.)/g, (_, letter) => letter.toUpperCase())] ?? code;
}

function show(good, text, unchecked) {
  verdict.className = good ? "tag good" : "tag bad";
  verdict.textContent = unchecked.length ? `${text} ${words.unchecked}${unchecked.join(", ")}` : text;
}
