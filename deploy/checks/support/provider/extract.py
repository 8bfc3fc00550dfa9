#!/usr/bin/env python3
"""Writes schemas.json: what the providers say about the types that deploy/terraform uses.

    extract.py NODE_MODULES > schemas.json

The providers cannot be had without the registry of Terraform, their schemas can: the bindings on npm are generated
from them. Install those, then run this after taking in a new type or a new version of a provider:

    npm install --ignore-scripts --legacy-peer-deps @cdktn/provider-azurerm@16.1.0 @cdktn/provider-random@15.0.1 \\
        @cdktf/provider-kubernetes@12.1.1 @cdktf/provider-helm@12.1.2 @cdktf/provider-gitlab@15.6.2

Taken over: names, types, what is required, which attributes are blocks and of which at most one may stand. Not in the
bindings, so not here: allowed values, lists apart from sets, what is computed only when it is not given, defaults.
"""

import json
import pathlib
import re
import sys

PACKAGES = {
    "azurerm": "@cdktn/provider-azurerm",
    "random": "@cdktn/provider-random",
    "kubernetes": "@cdktf/provider-kubernetes",
    "helm": "@cdktf/provider-helm",
    "gitlab": "@cdktf/provider-gitlab",
}
SOURCES = {"gitlab": "gitlabhq/gitlab"}
# Ephemeral resources are not in the bindings. This one has the arguments of the resource of the same name, less `keepers`.
EPHEMERAL = {"random_password": "password"}
# What bindings add of their own.
OURS = {"friendlyUniqueId", "terraformResourceType", "fqn", "internalValue", "terraformMetaAttributes"}
META = re.compile(r"/\*\*(.*?)\*/\s*", re.S)


def snake(name):
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


class Bindings:
    """The declarations of one resource, data source or provider."""

    def __init__(self, folder):
        files = [folder / "index.d.ts", folder / "index-structs" / "index.d.ts"]
        files += sorted((folder / "index-structs").glob("*.d.ts"))
        self.text = "\n".join(f.read_text() for f in dict.fromkeys(files) if f.exists())
        self.interfaces = dict(re.findall(r"export interface (\w+)[^{]*\{\n(.*?)\n\}", self.text, re.S))
        self.classes = dict(re.findall(r"export declare class (\w+)[^{]*\{\n(.*?)\n\}", self.text, re.S))

    def settable(self, interface):
        """(name, type, is required, is a block) of everything one may write."""
        pattern = r"/\*\*((?:(?!\*/).)*)\*/\s*readonly (\w+)(\??): ((?:\{.*?\}|[^;])*);"
        for comment, name, optional, kind in re.findall(pattern, self.interfaces[interface], re.S):
            link = re.search(r"#(\w+) \w+#\w+\}", comment)
            yield link.group(1) if link else snake(name), kind.strip(), not optional, f"{snake(name)} block" in comment

    def type_of(self, kind):
        """The type in Terraform's JSON notation."""
        kind = re.sub(r" \| cdkt[fn]\.IResolvable", "", kind).strip()
        plain = {"string": "string", "number": "number", "boolean": "bool", "cdktf.IResolvable": "bool", "cdktn.IResolvable": "bool"}
        if kind in plain:
            return plain[kind]
        if kind.endswith("[]"):
            return ["list", self.type_of(kind[:-2])]
        mapped = re.fullmatch(r"\{\s*\[key: string\]: (.*?);?\s*\}", kind, re.S)
        if mapped:
            return ["map", self.type_of(mapped.group(1))]
        maps = {"StringMap": "string", "NumberMap": "number", "BooleanMap": "bool"}
        for name, inner in maps.items():
            if kind.endswith("." + name):
                return ["map", inner]
        if kind in self.interfaces:
            return ["object", {n: self.type_of(k) for n, k, _, _ in self.settable(kind)}]
        return "dynamic"

    def block(self, interface):
        attributes, blocks = {}, {}
        for name, kind, required, is_block in self.settable(interface):
            inner = re.sub(r"\[\]| \| cdkt[fn]\.IResolvable", "", kind).strip()
            if inner in self.interfaces and is_block:
                block = {"single": "[]" not in kind, "required": required, "block": self.block(inner)}
                blocks[name] = {key: value for key, value in block.items() if value}
            elif inner in self.interfaces:
                nested = {"list": "[]" in kind, "required": required, "nested": self.block(inner)["attributes"]}
                attributes[name] = {key: value for key, value in nested.items() if value}
            else:
                attribute = {"type": self.type_of(kind), "required": required, "write_only": name.endswith("_wo")}
                attributes[name] = {key: value for key, value in attribute.items() if value}
        return {"attributes": attributes, "blocks": blocks}

    def whole(self, interface, klass):
        found = self.block(interface)
        # What one may only read has a getter and nothing to write it by.
        for name, kind in re.findall(r"^    get (\w+)\(\): ([^;]+);", self.classes[klass], re.M):
            known = snake(name)
            if name in OURS or name.endswith("Input") or known in found["attributes"] or known in found["blocks"]:
                continue
            found["attributes"][known] = {"type": self.type_of(kind), "computed": True}
        return found


def version(package):
    described = json.loads((package / "package.json").read_text())
    return described.get("cdktf", described.get("cdktn"))["provider"]["version"]


def capital(name):
    return "".join(part.capitalize() for part in name.split("_"))


def used(terraform):
    """Pairs of kind and type in all of the HCL."""
    found = set()
    for path in sorted(terraform.rglob("*.tf")):
        found |= set(re.findall(r'^\s*(resource|data|ephemeral) "(\w+)"', path.read_text(), re.M))
    return sorted(found)


def main(modules):
    terraform = pathlib.Path(__file__).resolve().parents[3] / "terraform"
    result = {}
    for provider, name in PACKAGES.items():
        package = modules / name
        result[provider] = {
            "source": SOURCES.get(provider, f"hashicorp/{provider}"),
            "version": version(package),
            "provider": Bindings(package / "lib" / "provider").block(f"{capital(provider)}ProviderConfig"),
            "resource": {},
            "data": {},
            "ephemeral": {},
        }
    for kind, full in used(terraform):
        provider, _, short = full.partition("_")
        if provider not in PACKAGES:
            continue
        lib = modules / PACKAGES[provider] / "lib"
        if kind == "data":
            folder, klass = f"data-{provider}-{short.replace('_', '-')}", f"Data{capital(full)}"
        else:
            # The bindings drop what repeats the provider's name.
            folder, klass = short.replace("_", "-"), capital(short)
        schema = Bindings(lib / folder).whole(f"{klass}Config", klass)
        if kind == "ephemeral":
            assert EPHEMERAL.get(full) == short, f"ephemeral {full}: look up its arguments and add it"
            schema["attributes"].pop("keepers", None)
        result[provider][kind][full] = schema
    json.dump(result, sys.stdout, indent=1, sort_keys=True)
    print()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))
