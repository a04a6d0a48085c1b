// Enhances pages that work without it: copy buttons, local times, the form_post answer.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  const words = button.textContent;
  const said = document.getElementById("said");
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = "Copied";
    if (said) said.textContent = "Copied";
    setTimeout(() => {
      button.textContent = words;
      if (said) said.textContent = "";
    }, 2000);
  });
}
for (const time of document.querySelectorAll("time[data-local]")) {
  const at = new Date(time.dateTime);
  time.title = time.textContent;
  time.textContent = at.toLocaleTimeString(document.documentElement.lang, { hour12: false });
}
for (const form of document.querySelectorAll("form[data-submit]")) form.submit();
