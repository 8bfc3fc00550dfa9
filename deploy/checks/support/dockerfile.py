#!/usr/bin/env python3
"""What hadolint does not ask of the Dockerfile: dockerfile.py ROOT

The context (.dockerignore) has what is copied and nothing else, every image is pinned, the result is made by
deploy/container/rootfs.sh alone, runs as a user that is not root in group 0, and says where it comes from.
"""

import json
import pathlib
import re
import sys

LABELS = ["title", "description", "licenses", "source", "version", "revision", "created"]


def instructions(text):
    """Pairs of instruction and arguments, continued lines joined, comments and directives dropped."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in re.sub(r"\\\n\s*", " ", "\n".join(lines)).splitlines():
        if line.strip():
            name, _, arguments = line.strip().partition(" ")
            yield name.upper(), arguments.strip()


def stages(text):
    """The instructions of each stage; what stands before the first FROM is a stage without image."""
    found = [("", [])]
    for name, arguments in instructions(text):
        if name == "FROM":
            found.append((arguments, []))
        else:
            found[-1][1].append((name, arguments))
    return found


def context_faults(root, copied):
    """.dockerignore against what the Dockerfile copies from the context."""
    lines = [line.strip() for line in (root / ".dockerignore").read_text().splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    if not lines or lines[0] != "*":
        yield ".dockerignore has to begin with `*`, so that nothing unasked gets into the context"
    allowed = {line[1:].rstrip("/") for line in lines if line.startswith("!")}
    for line in lines[1:]:
        if not line.startswith("!"):
            yield f".dockerignore: `{line}` takes away what was never let in"
    for path in sorted(copied):
        if not (root / path).exists():
            yield f"Dockerfile copies `{path}`, which does not exist"
        if not any(path == a or path.startswith(a + "/") for a in allowed):
            yield f"Dockerfile copies `{path}`, which .dockerignore keeps out"
    for path in sorted(allowed):
        if not any(c == path or c.startswith(path + "/") for c in copied):
            yield f".dockerignore lets `{path}` in, which the Dockerfile does not copy"


def stage_faults(found):
    names = set()
    for image, content in found[1:]:
        reference, _, name = image.partition(" AS ")
        if reference != "scratch" and reference not in names:
            tag = reference.rsplit("/", 1)[-1].partition(":")[2]
            if not tag or tag.startswith("latest"):
                yield f"image `{reference}` is not pinned"
        names.add(name)
        for kind, arguments in content:
            if kind == "ADD":
                yield "ADD fetches and unpacks: use COPY"
            if kind == "RUN" and "cargo build" in arguments and arguments.count("--locked") != arguments.count("cargo build"):
                yield "cargo build without --locked builds what nobody has tested"
            if kind in ("ENV", "ARG") and re.search(r"(?i)password|token|secret", arguments):
                yield f"{kind} {arguments.split('=')[0]}: a secret would stay in the image"


def result_faults(image, content):
    values = {}
    for kind, arguments in content:
        values.setdefault(kind, []).append(arguments)
    if image != "scratch":
        yield f"the result starts from `{image}`, not from scratch"
    if values.get("COPY") != ["--from=assemble /rootfs /"]:
        yield "the result has to be what rootfs.sh assembled: COPY --from=assemble /rootfs /"
    if "RUN" in values:
        yield "the result has no shell to RUN with"
    user = (values.get("USER") or ["root"])[-1]
    if not re.fullmatch(r"[1-9][0-9]*:0", user):
        yield f"USER `{user}`: a number above 0 and group 0, so that runAsNonRoot can be checked and any user will do"
    for kind in ("ENTRYPOINT", "CMD"):
        try:
            command = json.loads((values.get(kind) or [""])[-1])
        except ValueError:
            yield f"{kind} has to be a JSON list: there is no shell"
            continue
        if kind == "ENTRYPOINT" and command != ["/usr/local/bin/feedgate"]:
            yield f"ENTRYPOINT {command}: not the program by its whole path"
    labels = " ".join(values.get("LABEL", []))
    for label in LABELS:
        if f"org.opencontainers.image.{label}=" not in labels:
            yield f"label org.opencontainers.image.{label} is missing"
    if "FEEDGATE_SCHEMAS=/schemas" not in " ".join(values.get("ENV", [])):
        yield "FEEDGATE_SCHEMAS does not name the folder that rootfs.sh makes"
    if (values.get("WORKDIR") or [""])[-1] != "/work":
        yield "WORKDIR is not /work, where the embedded database would go"


def main(root):
    found = stages((root / "Dockerfile").read_text())
    copied = set()
    for _, content in found[1:]:
        for kind, arguments in content:
            if kind == "COPY" and not arguments.startswith("--from="):
                copied.update(arguments.split()[:-1])
    faults = [*context_faults(root, copied), *stage_faults(found), *result_faults(*found[-1])]
    assembled = [a for image, content in found if image.endswith(" AS assemble") for kind, a in content if kind == "RUN"]
    if not any("sh rootfs.sh feedgate /rootfs" in run and "sbom.py" in run for run in assembled):
        faults.append("stage assemble does not run rootfs.sh and sbom.py")
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
