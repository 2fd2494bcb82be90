"use strict";
// The page is whole without this. It adds a button that saves a panel's table as CSV, with figures as programs read them;
// names that filter their own table; and the grain to the address, so that a view can be sent.
// Tables get their buttons after the first picture, and those of another period when it is shown.

// Of a count these are the digits of its text; other figures have them in `data-value`.
const figureOf = (cell) => cell.dataset.value ?? cell.textContent.replace(/\D+/g, "");
const shareOf = (cell) => cell.textContent === "" ? "" :
  (figureOf(cell.previousElementSibling) / figureOf(cell.closest("table").querySelector(".total .number"))).toFixed(5);

const addSaving = (table) => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "csv";
  button.textContent = "CSV";
  const panel = table.closest(".panel");
  button.setAttribute("aria-describedby", panel.querySelector("h4").id);
  button.addEventListener("click", () => {
    // A spreadsheet runs what begins like a formula; a name of a page may.
    const safe = (value) => (/^[=+\-@\t\r]/.test(value) ? "'" : "") + value;
    const text = (cell) => cell.matches("td.share") ? shareOf(cell) : cell.matches("td.number") ? figureOf(cell)
      : cell.dataset.value ?? safe(cell.textContent.replace(/\s+/g, " ").trim());
    const rows = [...table.rows].map((row) =>
      [...row.cells].flatMap((cell) => [text(cell), ...Array(cell.colSpan - 1).fill("")])
        .map((value) => `"${value.replaceAll('"', '""')}"`).join(","));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(["\ufeff", rows.join("\r\n"), "\r\n"], { type: "text/csv" }));
    link.download = `${table.dataset.name}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
  const source = panel.querySelector(".source");
  source ? source.after(button) : panel.append(button);
};

// A name filters the rows of its table, and says that it can do no more.
const texts = document.body.dataset;
const addFilter = (table) => {
  const note = document.createElement("p");
  note.className = "filtered";
  note.setAttribute("role", "status");
  table.closest(".scroll").before(note);
  const rows = [...table.tBodies[0].rows];
  let chosen = null;
  const show = (column, value, button) => {
    for (const row of rows) row.hidden = value !== null && row.cells[column].dataset.name !== value;
    for (const other of table.querySelectorAll(".pick")) other.setAttribute("aria-pressed", other === button);
    chosen = button;
    note.replaceChildren();
    if (value === null) return;
    const all = document.createElement("button");
    all.type = "button";
    all.textContent = texts.showAll;
    all.addEventListener("click", () => { const last = chosen; show(0, null, null); last.focus(); });
    note.append(texts.filtered.replace("{name}", () => value), " ", all);
  };
  for (const row of rows) {
    for (let column = 0; column < Number(table.dataset.keys); column += 1) {
      const name = row.cells[column].querySelector("bdi");
      row.cells[column].dataset.name = name.textContent;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "pick";
      button.title = texts.filter;
      button.setAttribute("aria-pressed", "false");
      button.addEventListener("click", () =>
        chosen === button ? show(0, null, null) : show(column, name.textContent, button));
      name.replaceWith(button);
      button.append(name);
    }
  }
};

const prepare = () => {
  for (const period of document.querySelectorAll(".period:not([data-ready])")) {
    if (!period.getClientRects().length) continue;
    period.dataset.ready = "";
    period.querySelectorAll("table[data-name]").forEach(addSaving);
    period.querySelectorAll("table[data-keys]").forEach(addFilter);
  }
};
requestAnimationFrame(() => setTimeout(prepare));
addEventListener("hashchange", prepare);

// All periods have the same grain; the address tells it.
const grains = [...document.querySelectorAll(".grains input")];
const choose = (value) => grains.forEach((input) => { input.checked = input.value === value; });
const asked = new URLSearchParams(location.search).get("grain");
choose(["week", "month"].includes(asked) ? asked : "day");
for (const input of grains) {
  input.addEventListener("change", () => {
    choose(input.value);
    history.replaceState(null, "", (input.value === "day" ? location.pathname : `?grain=${input.value}`) + location.hash);
  });
}
