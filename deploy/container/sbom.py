#!/usr/bin/env python3
"""Writes what is in the image as CycloneDX 1.5: sbom.py CARGO_TOML CARGO_LOCK ROOTFS > feedgate.cdx.json

Crates come from Cargo.lock, with their digests: all that the program's own dependencies lead to, development
dependencies left out. Cargo.lock holds dependencies for every platform, so some that are for another one are listed.
Debian's packages come from the root file system's own records. The output depends on the input only.
"""

import json
import pathlib
import sys
import tomllib

ROOT = "feedgate"


def names(dependencies):
    """What `[dependencies]` asks for, by the name of the package."""
    return {
        entry.get("package", name) if isinstance(entry, dict) else name
        for name, entry in dependencies.items()
    }


def wanted(manifest):
    """The packages that the program is built from or with, development aside."""
    found = names(manifest.get("dependencies", {})) | names(manifest.get("build-dependencies", {}))
    for target in manifest.get("target", {}).values():
        found |= names(target.get("dependencies", {}))
    return found


def crates(manifest, lock):
    """Every locked package that is reached from the program."""
    packages = {}
    for package in lock["package"]:
        packages.setdefault(package["name"], {})[package["version"]] = package

    def resolve(dependency):
        # `name`, or `name version` where several versions are locked.
        name, _, version = dependency.partition(" ")
        versions = packages[name]
        return versions[version.split(" ")[0]] if version else next(iter(versions.values()))

    (root,) = packages[ROOT].values()
    direct = wanted(manifest)
    queue = [resolve(d) for d in root["dependencies"] if d.split(" ")[0] in direct]
    seen = {}
    while queue:
        package = queue.pop()
        key = (package["name"], package["version"])
        if key in seen:
            continue
        seen[key] = package
        queue += [resolve(d) for d in package.get("dependencies", [])]
    return root, [seen[key] for key in sorted(seen)]


def crate_component(package):
    name, version = package["name"], package["version"]
    purl = f"pkg:cargo/{name}@{version}"
    component = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
    if "checksum" in package:
        component["hashes"] = [{"alg": "SHA-256", "content": package["checksum"]}]
    return component


def debian_components(rootfs):
    for record in sorted((rootfs / "var/lib/dpkg/status.d").iterdir()):
        fields = dict(
            line.split(": ", 1) for line in record.read_text().splitlines() if ": " in line and line[0] != " "
        )
        purl = f"pkg:deb/debian/{fields['Package']}@{fields['Version']}?arch={fields['Architecture']}"
        yield {
            "type": "library",
            "bom-ref": purl,
            "name": fields["Package"],
            "version": fields["Version"],
            "purl": purl,
        }


def main(arguments):
    manifest, lock = (tomllib.loads(pathlib.Path(path).read_text()) for path in arguments[:2])
    root, packages = crates(manifest, lock)
    components = [crate_component(p) for p in packages] + list(debian_components(pathlib.Path(arguments[2])))
    license_expression = manifest["package"]["license"]
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": f"pkg:cargo/{ROOT}@{root['version']}",
                "name": ROOT,
                "version": root["version"],
                "licenses": [{"expression": license_expression}],
            }
        },
        "components": components,
    }
    json.dump(document, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(sys.argv[1:])
