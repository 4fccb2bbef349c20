// Reads a list of texts in the language of Graphviz from stdin, and prints the pictures that Graphviz makes of them, as SVG.
const { instance } = require("@viz-js/viz");

let input = "";
process.stdin.on("data", (data) => (input += data));
process.stdin.on("end", async () => {
  const viz = await instance();
  const pictures = JSON.parse(input).map((text) => viz.renderString(text, { format: "svg" }));
  process.stdout.write(JSON.stringify(pictures));
});
