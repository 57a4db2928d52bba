// What the plane, and space, show of stationary sets that are given by faces and outputs, at any parameter.

import { inner } from "./linear.js";
import { bodyIn } from "./polytopes.js";

// Parts {set, dimension, spots, sides} of every set: `forms` has for every unit and example the pre-activation as an
// affine function {row, constant} of the coordinates of the picture, and behind the units the output bias as one.
export function partsIn(size, span, forms, problem, sets) {
  const fits = (words) => words.every((word, j) => word.startsWith("~") === problem.outer[j] < 0);
  return sets.flatMap((each) => {
    const own = [];
    for (const choice of each.choices) {
      for (const marked of arrangements(choice.split(" ")).filter(fits)) {
        const words = marked.map((word) => word.replace("~", ""));
        const body = bodyIn(size, span, ...conditions(words, forms, problem, each.values));
        if (body) own.push({ set: each.index, words, ...body });
      }
    }
    return own.filter((part) => !own.some((other) => other !== part && bordering(part.words, other.words)));
  });
}

// All orders of the units' faces, each once.
function arrangements(words) {
  if (words.length < 2) return [words];
  return words.flatMap((word, k) => {
    if (words.indexOf(word) !== k) return [];
    return arrangements(words.filter((_, j) => j !== k)).map((rest) => [word, ...rest]);
  });
}

function conditions(words, forms, problem, values) {
  const equal = [];
  const above = [];
  words.forEach((word, j) => [...word].forEach((sign, i) => {
    const form = forms[j][i];
    if (sign === "0") equal.push(form);
    else above.push(sign === "+" ? form : { row: form.row.map((x) => -x), constant: -form.constant });
  }));
  values.forEach((value, i) => {
    const level = problem.biased ? forms[problem.units] : { row: forms[0][0].row.map(() => 0), constant: 0 };
    const total = { row: level.row.slice(), constant: level.constant - value };
    words.forEach((word, j) => {
      const steep = problem.outer[j] * (word[i] === "+" ? problem.slopes.right : word[i] === "-" ? problem.slopes.left : 0);
      forms[j][i].row.forEach((x, k) => {
        total.row[k] += steep * x;
      });
      total.constant += steep * forms[j][i].constant;
    });
    equal.push(total);
  });
  return [equal, above];
}

function bordering(low, high) {
  return low.every((word, j) => [...word].every((sign, i) => sign === "0" || sign === high[j][i]));
}

export function planeForms(problem, { origin, right, up }) {
  const last = problem.size - 1;
  const bias = problem.biased ? [{ row: [right[last], up[last]], constant: origin[last] }] : [];
  const units = Array.from({ length: problem.units }, (_, j) => problem.rows.map((row) => {
    const [c, a, b] = [origin, right, up].map((vector) => inner(row, problem.unitOf(vector, j)));
    return { row: [a, b], constant: c };
  }));
  return [...units, ...bias];
}

export function spaceForms(problem) {
  return [problem.rows.map((row) => ({ row, constant: 0 }))];
}
