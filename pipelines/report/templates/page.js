"use strict";
// The page is whole without this: it adds a button that saves a panel's table as CSV, with figures as programs read
// them (`data-value`).
for (const table of document.querySelectorAll("table[data-name]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "csv";
  button.textContent = "CSV";
  const panel = table.closest(".panel");
  button.setAttribute("aria-describedby", panel.querySelector("h4").id);
  button.addEventListener("click", () => {
    // A spreadsheet runs what begins like a formula; a name of a page may.
    const safe = (value) => (/^[=+\-@\t\r]/.test(value) ? "'" : "") + value;
    const text = (cell) => cell.dataset.value ?? safe(cell.textContent.replace(/\s+/g, " ").trim());
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
}
