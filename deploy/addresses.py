#!/usr/bin/env python3
"""Puts your addresses in the place of the examples, everywhere below deploy/ and in the Dockerfile.

    addresses.py project=https://gitlab.shop.com/group/feedgate registry=registry.shop.com/group/feedgate
    addresses.py --check         changes nothing; exit status 1 when something says another address than addresses.txt

addresses.txt has what stands there now, and is changed with them. Then run
deploy/kubernetes/components/prometheus-rules/generate.py, and deploy/validate.sh.
"""

import re
import sys
from pathlib import Path

DEPLOY = Path(__file__).resolve().parent
LIST = DEPLOY / "addresses.txt"
# What an address of each kind looks like where it stands.
SHAPES = {
    "project": [r"https?://[^\s\"'<>]+?(?=/-/(?:blob|tree|raw)/)", r"(?<=ARG SOURCE=)\S+"],
    "registry": [r"(?<=newName: )\S*feedgate\S*", r"[\w.-]+\.[\w.-]+(?::\d+)?/[\w./-]*feedgate(?=/ci:)"],
}
ALLOWED = {"project": r"https://[\w.:-]+(/[\w.-]+)+", "registry": r"[\w.-]+(:\d+)?(/[\w.-]+)+"}


def addresses():
    return dict(line.split("=", 1) for line in LIST.read_text(encoding="utf-8").splitlines() if line[:1] not in ("", "#"))


def files():
    """What an address may stand in: text, but not the checks themselves."""
    yield DEPLOY.parent / "Dockerfile"
    for path in sorted(DEPLOY.rglob("*")):
        parts = path.relative_to(DEPLOY).parts
        if path.is_file() and not path.is_symlink() and parts[0] != "checks" and path.name != "addresses.py":
            yield path


def text_of(path):
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def faults():
    now = addresses()
    for path in files():
        text = text_of(path)
        for kind, shapes in SHAPES.items():
            for found in sorted({each for shape in shapes for each in re.findall(shape, text)} - {now[kind]}):
                yield f"{path.relative_to(DEPLOY.parent)}: the {kind} is `{found}`, and in addresses.txt `{now[kind]}`"


def replace(wanted):
    now = addresses()
    for path in files():
        text = text_of(path)
        changed = text
        for kind, address in wanted.items():
            # Not what only begins like it.
            changed = re.sub(re.escape(now[kind]) + r"(?![\w.])", lambda _, to=address: to, changed)
        if changed != text:
            path.write_text(changed, encoding="utf-8")
            print(f"changed {path.relative_to(DEPLOY.parent)}")


def main():
    arguments = sys.argv[1:]
    if arguments == ["--check"]:
        found = list(faults())
        print("\n".join(found))
        return 1 if found else 0
    wanted = dict(each.split("=", 1) for each in arguments if "=" in each)
    if not wanted or len(wanted) != len(arguments) or not all(
        kind in ALLOWED and re.fullmatch(ALLOWED[kind], address) for kind, address in wanted.items()
    ):
        print(__doc__, file=sys.stderr)
        return 2
    replace(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
