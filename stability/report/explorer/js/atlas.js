// Which stationary set a point lies on: by the faces of its units, in ascending order, and by the outputs.

// Returns a function from a point to the set that contains it, or null.
//
// `sets` have `choices`, lists of choices of faces written as "+-0+ ++++", units sorted, and `values`, the outputs. Before
// the faces of units with output weights below 0 stands a "~".
export function locator(problem, sets) {
  const index = new Map();
  sets.forEach((each) => each.choices.forEach((choice) => index.set(choice, each)));
  return (point) => {
    for (const tolerance of [1e-13, 1e-9, 1e-7]) {
      const choice = writtenFaces(problem, problem.signsAt(point, tolerance));
      const each = index.get(choice);
      if (each !== undefined && fits(problem, point, each.values)) return each;
    }
    return null;
  };
}

export function writtenFaces(problem, signs) {
  const words = signs.map((face) => face.map((s) => (s > 0 ? "+" : s < 0 ? "-" : "0")).join(""));
  return words.map((word, j) => (problem.outer[j] < 0 ? `~${word}` : word)).sort().join(" ");
}

function fits(problem, point, outputs) {
  const size = 1 + Math.max(...problem.labels.map(Math.abs));
  return problem.outputs(point).every((f, i) => Math.abs(f - outputs[i]) <= 1e-8 * size);
}
