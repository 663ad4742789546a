// What pages do beyond plain forms. Everything here may be missing: each page works
// without it.
import htmx from "htmx.org";

// The security policy forbids evaluating and inline styles. Pages hold personal data,
// so none is kept in the browser's storage.
Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  includeIndicatorStyles: false,
  selfRequestsOnly: true,
  disableInheritance: true, // a region select in a live search is not itself the search
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
  scrollBehavior: "auto",
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    { code: "422", swap: true },
    { code: "[45]..", swap: false, error: true },
  ],
});

const chartsSource = (document.currentScript as HTMLScriptElement | null)?.dataset.charts;

document.documentElement.classList.add("js");

function make<K extends keyof HTMLElementTagNameMap>(tag: K, className: string, text = ""): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

// --- questions before a form is sent -------------------------------------------

const confirmed = new WeakSet<HTMLFormElement>();

function ask(question: string, word: string, then: () => void): void {
  const dialog = make("dialog", "ask");
  const text = make("p", "", question);
  text.id = "ask-question";
  const buttons = make("div", "form-buttons");
  const yes = make("button", "btn btn-danger", word);
  const no = make("button", "btn", "取消");
  buttons.append(yes, no);
  dialog.append(text, buttons);
  dialog.setAttribute("aria-labelledby", text.id);
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  no.addEventListener("click", () => dialog.close());
  yes.addEventListener("click", () => {
    dialog.close();
    then();
  });
  dialog.showModal();
  no.focus();
}

document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  const question = form.dataset.confirm;
  if (!question || confirmed.has(form) || !("showModal" in HTMLElement.prototype || "HTMLDialogElement" in window)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const button = event.submitter as HTMLButtonElement | null;
  ask(question, button?.textContent?.trim() || "确定", () => {
    confirmed.add(form);
    form.requestSubmit(button ?? undefined);
    confirmed.delete(form);
  });
}, true);

// A form that is sent twice by a double click does its work twice.
document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  window.setTimeout(() => delete form.dataset.sent, 4000); // an answer may be a download
});

window.addEventListener("pageshow", () => {
  document.querySelectorAll<HTMLFormElement>("form[data-sent]").forEach((form) => delete form.dataset.sent);
});

// --- small conveniences ----------------------------------------------------------

document.addEventListener("change", (event) => {
  const control = event.target as HTMLElement;
  if (control instanceof HTMLSelectElement) control.closest<HTMLFormElement>("form[data-autosubmit]")?.requestSubmit();
});

document.addEventListener("click", (event) => {
  const target = event.target as HTMLElement;
  target.closest("[data-dismiss]")?.parentElement?.remove();
  document.querySelectorAll<HTMLDetailsElement>("details.menu[open]").forEach((menu) => {
    if (!menu.contains(target)) menu.open = false;
  });
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll<HTMLDetailsElement>("details.menu[open]").forEach((menu) => {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  });
});

// The link of an error summary goes to its control; a browser scrolls there, but
// does not put the cursor into it.
document.addEventListener("click", (event) => {
  const link = (event.target as HTMLElement).closest<HTMLAnchorElement>('.error-summary a[href^="#"]');
  const control = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!control) return;
  event.preventDefault();
  control.focus({ preventScroll: true });
  (control.closest(".field") ?? control).scrollIntoView({ block: "start" });
});

// Letters of an unfinished Chinese word are no search.
document.addEventListener("input", (event) => {
  if ((event as InputEvent).isComposing) event.stopPropagation();
}, true);

document.addEventListener("compositionend", (event) => {
  event.target?.dispatchEvent(new Event("input", { bubbles: true }));
});

// htmx notes the address of the page in the browser's storage: it may hold a name.
const forget = (): void => sessionStorage.removeItem("htmx-current-path-for-history");
document.addEventListener("htmx:pushedIntoHistory", forget);
document.addEventListener("DOMContentLoaded", forget);

// --- lists that change in place ----------------------------------------------------

const announcer = make("div", "visually-hidden");
announcer.setAttribute("role", "status");

document.addEventListener("htmx:afterSwap", (event) => {
  const changed = (event as CustomEvent<{ target: HTMLElement }>).detail.target;
  if (changed.id === "results") announcer.textContent = document.querySelector("#results [data-count]")?.textContent ?? "";
  prepare();
});

document.addEventListener("htmx:responseError", () => tell("没有成功，请刷新页面后再试。"));
document.addEventListener("htmx:sendError", () => tell("连不上服务器，请检查网络后再试。"));

function tell(text: string): void {
  document.querySelector(".floating")?.remove();
  const line = make("div", "toast-line tone-danger floating", text);
  line.setAttribute("role", "alert");
  document.body.append(line);
  window.setTimeout(() => line.remove(), 8000);
}

// --- charts ---------------------------------------------------------------------------

function prepare(): void {
  if (!document.querySelector("[data-chart]")) return;
  if (document.querySelector("script[data-is=charts]")) {
    document.dispatchEvent(new Event("yian:charts"));
    return;
  }
  if (!chartsSource) return;
  const script = document.createElement("script");
  script.src = chartsSource;
  script.dataset.is = "charts";
  document.head.append(script);
}

document.addEventListener("DOMContentLoaded", () => {
  document.body.append(announcer);
  document.querySelector<HTMLElement>("[data-focus]")?.focus();
  prepare();
});
