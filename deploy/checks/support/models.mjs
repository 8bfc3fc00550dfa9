// Manifests against the types of the package kubernetes-models: finds wrong values of enumerations, which the schemas that
// schema.py has do not name.
//
//   node models.mjs NODE_MODULES < objects.json     one array of objects
import { readFileSync, existsSync } from "node:fs";
import { join } from "node:path";

const modules = process.argv[2];
const packages = ["kubernetes-models", "@kubernetes-models/prometheus-operator"];
const objects = JSON.parse(readFileSync(0, "utf8"));
let faults = 0;
let judged = 0;

for (const object of objects) {
  const path = packages.map((name) => join(modules, name, object.apiVersion, `${object.kind}.js`)).find(existsSync);
  if (!path) continue;
  const { [object.kind]: Kind } = await import(path);
  try {
    new Kind(object).validate();
    judged += 1;
  } catch (error) {
    faults += 1;
    console.log(`FAIL  types: ${object.kind}/${object.metadata.name}: ${error.message}`);
  }
}
if (faults === 0) console.log(`ok    types: ${judged} of ${objects.length} objects`);
process.exit(faults === 0 ? 0 : 1);
