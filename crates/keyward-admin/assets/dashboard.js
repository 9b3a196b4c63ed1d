// What pages do better with a script; all of them work without.
"use strict";

// Copy a secret, and forget it when the page is left: the browser may keep the page for "back".
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand("copy");
    }
    document.querySelector("[data-copied]").textContent = "Copied.";
  });
}
addEventListener("pagehide", () => {
  for (const field of document.querySelectorAll("[data-secret]")) field.remove();
});
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// One menu at a time; Escape and a click elsewhere close it.
const menus = () => document.querySelectorAll("details.menu[open]");
addEventListener("click", (event) => {
  for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
});
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// Ask in a dialog what is a page of its own without this.
const ask = async (address, back) => {
  try {
    const answer = await fetch(address, { headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const asked = page.querySelector("[data-asked]");
    if (!answer.ok || answer.redirected || !asked) throw new Error();
    const dialog = document.createElement("dialog");
    asked.querySelector("h1").id = "asked";
    dialog.setAttribute("aria-labelledby", "asked");
    dialog.append(document.adoptNode(asked));
    document.body.append(dialog);
    dialog.addEventListener("close", () => {
      dialog.remove();
      back.focus();
    });
    dialog.addEventListener("click", (click) => {
      if (!click.target.closest("[data-close]")) return;
      click.preventDefault();
      dialog.close();
    });
    for (const menu of menus()) menu.open = false;
    dialog.showModal();
  } catch {
    location.href = address;
  }
};
addEventListener("click", (event) => {
  const link = event.target.closest("a[data-ask]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  ask(link.href, link);
});
addEventListener("submit", (event) => {
  const menu = event.target.closest(".menu");
  const act = event.submitter?.value;
  if (!menu || act === "edit") return;
  event.preventDefault();
  ask(`${event.target.action}/${act}`, menu.querySelector("summary"));
});
