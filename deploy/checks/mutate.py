#!/usr/bin/env python3
"""Breaks files of deploy/ one after the other and expects the check of their area to notice.

    mutate.py [NAME...] [--only TEXT]      NAME as in checks/NAME.sh; without one, all that have mutations

checks/mutations/NAME.yaml lists them:

    - why: what would go wrong in a cluster, as a sentence
      file: kubernetes/base/network-policies.yaml    below deploy/
      replace: text that stands there
      with: what stands there instead; absent, it is taken away
      expect: words of the finding; absent, any finding will do

`replace` must be found; its first place is changed. Without `replace`, the file is deleted. Each is tried on a copy of
deploy/ beside links to the rest of the repository, with FEEDGATE_CHECKS=quick. Exit status 1 when one was not noticed,
or when the check fails without any.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

DEPLOY = Path(__file__).resolve().parents[1]
ROOT = DEPLOY.parent


def copied(folder):
    """A repository as this one, whose deploy/ may be changed."""
    for entry in ROOT.iterdir():
        if entry.is_file() and entry.name != ".git":
            shutil.copy(entry, folder / entry.name)
            continue
        if entry.name not in ("deploy", ".git"):
            (folder / entry.name).symlink_to(entry)
    shutil.copytree(DEPLOY, folder / "deploy", ignore=shutil.ignore_patterns("__pycache__", ".terraform"), symlinks=True)
    return folder / "deploy"


def check(deploy, name):
    """Exit status and findings of an area's check."""
    done = subprocess.run(
        ["sh", str(deploy / "checks" / f"{name}.sh")],
        env=os.environ | {"FEEDGATE_CHECKS": "quick"}, capture_output=True, text=True, check=False,
    )
    return done.returncode, done.stdout + done.stderr


def changed(deploy, mutation):
    """Breaks the copy; gives back how to mend it."""
    path = deploy / mutation["file"]
    before = path.read_text()
    if "replace" not in mutation:
        path.unlink()
    else:
        path.write_text(before.replace(mutation["replace"], mutation.get("with", ""), 1))
    return lambda: path.write_text(before)


def stale(listed):
    """Mutations whose text is not there any more."""
    for each in listed:
        path = DEPLOY / each["file"]
        if not path.is_file() or each.get("replace", "") not in path.read_text():
            yield f"{each['file']} does not have what this would change: {each['why']}"


def noticed(deploy, name, mutation):
    mend = changed(deploy, mutation)
    try:
        status, output = check(deploy, name)
    finally:
        mend()
    found = [line for line in output.splitlines() if line.startswith("FAIL")]
    wanted = mutation.get("expect", "")
    if status == 0 or not any(wanted in line for line in found or [output]):
        told = "\n".join(found) or "nothing was found"
        print(f"MISSED {name}: {mutation['why']}\n       {mutation['file']}\n{told}")
        return False
    print(f"ok     {name}: {mutation['why']}")
    return True


def tried(name, only):
    """How many mutations of an area were tried, and how many were missed."""
    listed = yaml.safe_load((DEPLOY / "checks/mutations" / f"{name}.yaml").read_text())
    listed = [each for each in listed if only in each["why"] + each["file"]]
    if gone := list(stale(listed)):
        print("\n".join(f"STALE  {name}: {each}" for each in gone))
        return len(listed), len(listed)
    with tempfile.TemporaryDirectory() as folder:
        deploy = copied(Path(folder))
        status, output = check(deploy, name)
        if status != 0:
            print(f"{output}FAIL   {name}: its check fails without any mutation")
            return len(listed), len(listed)
        missed = sum(not noticed(deploy, name, each) for each in listed)
    return len(listed), missed


def main():
    arguments = sys.argv[1:]
    only = arguments[arguments.index("--only") + 1] if "--only" in arguments else ""
    names = [each for each in arguments if each not in ("--only", only)]
    names = names or sorted(path.stem for path in (DEPLOY / "checks/mutations").glob("*.yaml"))
    results = [tried(name, only) for name in names]
    total, missed = (sum(column) for column in zip(*results, strict=True))
    print(f"{total - missed} of {total} mutations were noticed")
    return 1 if missed or total == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
