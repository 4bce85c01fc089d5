/* "Check it yourself": the reader's own browser fetches the record and draws again. Without scripts there is the file. */

const words = document.getElementById("verdicts")?.dataset;
const verdict = document.getElementById("verdict");

for (const button of document.querySelectorAll("[data-verify]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const [{ verify }, answer] = await Promise.all([import(button.dataset.verifier), fetch(button.dataset.verify)]);
      if (!answer.ok) throw new Error(String(answer.status));
      const found = verify(await answer.text(), button.dataset.published);
      show(found.code === null, found.code === null ? words.true : wordsOf(found.code), found.unchecked);
    } catch {
      show(false, words.failed, []);
    } finally {
      button.disabled = false;
    }
  });
}

function wordsOf(code) {
  return words[code.toLowerCase().replace(/_(.)/g, (_, letter) => letter.toUpperCase())] ?? code;
}

function show(good, text, unchecked) {
  verdict.className = good ? "tag good" : "tag bad";
  verdict.textContent = unchecked.length ? `${text} ${words.unchecked}${unchecked.join(", ")}` : text;
}
