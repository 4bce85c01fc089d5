/* The check of a record apart from the page, which stays at hand however big the record is. */

addEventListener("message", async ({ data }) => {
  try {
    const [{ verify }, answer] = await Promise.all([import(data.verifier), fetch(data.record)]);
    if (!answer.ok) throw new Error(String(answer.status));
    const { code, unchecked } = verify(await answer.text(), data.published);
    postMessage({ code, unchecked });
  } catch {
    postMessage(null);
  }
});
