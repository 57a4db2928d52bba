// The table of stationary sets, linked with the pictures both ways, and the numbers that open their record.

import { KIND_MARKS } from "./palette.js";

export class SetTable {
  constructor(body, actions) {
    this.body = body;
    this.actions = actions;
  }

  show(sets) {
    // Where there are not two labels nothing is correct or wrong, and the column is left out.
    this.body.parentElement.classList.toggle("uncounted", sets.every((each) => each.right === null));
    this.body.replaceChildren(...sets.map((each) => this.row(each)));
  }

  row(each) {
    const row = element("tr", { id: `set-${each.index}`, tabIndex: 0 });
    row.dataset.set = each.index;
    const kind = element("td", { className: "kind" });
    const { name } = KIND_MARKS[each.kind];
    kind.append(markOf(each.kind), ` ${each.strict ? "strict " : ""}${each.kind}`);
    kind.classList.add(name);
    row.append(
      element("td", { className: "number" }, String(each.index)),
      kind,
      this.numberCell(each, "loss", each.loss),
      this.numberCell(each, "dimension", each.isolated ? "isolated" : String(each.dimension)),
      each.right === null ? element("td", { className: "right" }, "\u2014") : this.numberCell(each, "right", `${each.right} of ${each.values.length}`),
      each.witness ? this.numberCell(each, "witness", each.witness.map(writtenRow).join("; ")) : element("td", {}, "\u2014"),
    );
    row.addEventListener("pointerenter", () => this.actions.light(each.index));
    row.addEventListener("pointerleave", () => this.actions.light(null));
    row.addEventListener("focus", () => this.actions.light(each.index));
    row.addEventListener("blur", () => this.actions.light(null));
    row.addEventListener("click", () => this.actions.pin(each.index));
    row.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target === row) this.actions.pin(each.index);
    });
    return row;
  }

  // A number that opens the record in which it stands.
  numberCell(each, field, text) {
    const cell = element("td", { className: field });
    cell.append(numberLink(text, () => this.actions.record(each.index, field)));
    return cell;
  }

  light(lit, pinned) {
    for (const row of this.body.rows) {
      const index = Number(row.dataset.set);
      row.classList.toggle("lit", index === lit);
      row.classList.toggle("pinned", index === pinned);
    }
  }
}

// A number that opens the record in which it stands.
export function numberLink(text, open) {
  const button = element("button", { type: "button", className: "number-link", title: "open its record" }, text.replaceAll("-", "\u2212"));
  button.addEventListener("click", (event) => {
    event.stopPropagation();
    open();
  });
  return button;
}

function writtenRow(row) {
  return `(${row.join(", ")})`;
}

export function element(tag, properties = {}, text = null) {
  const made = Object.assign(document.createElement(tag), properties);
  if (text !== null) made.textContent = text;
  return made;
}

// The mark of a kind, drawn as SVG so that it prints.
export function markOf(kind) {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  picture.setAttribute("viewBox", "-8 -8 16 16");
  picture.setAttribute("class", "mark");
  picture.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS(space, "path");
  const paths = {
    disc: "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0",
    square: "M-5.5-5.5h11v11h-11z",
    cross: "M0 2.4l4 4 2.4-2.4-4-4 4-4-2.4-2.4-4 4-4-4-2.4 2.4 4 4-4 4 2.4 2.4z",
    triangle: "M0-7l6.4 11.6h-12.8z",
  };
  shape.setAttribute("d", paths[KIND_MARKS[kind].mark]);
  shape.setAttribute("class", `mark-${KIND_MARKS[kind].name}`);
  picture.append(shape);
  return picture;
}
