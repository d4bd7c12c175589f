"use strict";
// Everything works without this; with it, times are the reader's, filters apply at once, and the overview stays fresh.

document.documentElement.classList.add("scripted");

const shownTime = new Intl.DateTimeFormat([], { dateStyle: "medium", timeStyle: "short" });

/** Write times in the reader's zone; the exact time in UTC stays where it is pointed at. Days stay days of UTC. */
function localise(root) {
  for (const time of root.querySelectorAll("time[datetime*='T']")) {
    if (!time.textContent.includes(":") || time.dataset.local) continue;
    time.textContent = shownTime.format(new Date(time.dateTime));
    time.dataset.local = "yes";
  }
}

/** Send a form of filters as soon as something is chosen. */
function applyAtOnce(root) {
  for (const form of root.querySelectorAll("form[data-apply]")) {
    form.addEventListener("change", (event) => {
      if (event.target.matches("select, input[type=date]")) form.requestSubmit();
    });
    // Empty fields would only make the address longer.
    form.addEventListener("formdata", (event) => {
      for (const [name, value] of [...event.formData.entries()]) if (value === "") event.formData.delete(name);
    });
  }
}

/** Say that a form that takes a while is under way. */
function sayBusy(root) {
  for (const form of root.querySelectorAll("form[data-busy]")) {
    form.addEventListener("submit", () => (form.querySelector(".busy").textContent = form.dataset.busy));
  }
}

/** Bring the page up to date from time to time, but not while somebody looks away or reads with the keyboard. */
function keepFresh() {
  const every = Number(document.querySelector("meta[name=refresh-every]")?.content);
  if (!every) return;
  setInterval(async () => {
    const main = document.querySelector("main");
    if (document.hidden || main.contains(document.activeElement)) return;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" } });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      main.replaceWith(fresh.querySelector("main"));
      document.title = fresh.title;
      begin(document.querySelector("main"));
    } catch {
      // The network is away: the page says as of when it is.
    }
  }, every * 1000);
}

function begin(root) {
  localise(root);
  applyAtOnce(root);
  sayBusy(root);
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea");
  const field = document.querySelector(`[data-focus-key="${CSS.escape(event.key)}"]`);
  if (field && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    field.focus();
    field.select();
  }
});

begin(document);
keepFresh();
