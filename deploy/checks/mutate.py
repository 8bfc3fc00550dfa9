#!/usr/bin/env python3
"""Breaks files of deploy/ one after the other and expects the check of their area to notice.

    mutate.py [NAME...] [--only TEXT]      NAME as in checks/NAME.sh; without one, all that have mutations
    mutate.py --all                        the same as no NAME: every mutation that there is
    mutate.py --sample COUNT               about so many across all areas; other ones with every commit. All of them
                                           with FEEDGATE_TEST_LONG=1
    ... --checked                          does not try first whether the checks pass without any: validate.sh has
    mutate.py --self-check                 whether a mutation can change anything but its copy

checks/mutations/NAME.yaml lists them:

    - why: what would go wrong in a cluster, as a sentence
      file: kubernetes/base/network-policies.yaml    below deploy/; `../` leads out of it
      replace: text that stands there
      with: what stands there instead; absent, it is taken away
      expect: words of the finding; absent, any finding will do

`replace` must be found; its first place is changed. Without `replace`, the file is deleted. Each is tried on a copy of
deploy/ beside the rest of the repository, with FEEDGATE_CHECKS=quick and the changed file's path in FEEDGATE_CHANGED, by
FEEDGATE_JOBS processes at a time (2). What is changed is always a copy; what is linked to the repository is never written
to. Exit status 1 when one was not noticed, or when a check fails without any. Where a check says SKIP for want of a tool,
a mutation that it does not notice is counted as not tried.
"""

import argparse
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

DEPLOY = Path(__file__).resolve().parents[1]
ROOT = DEPLOY.parent
TOOLS = Path(os.environ.get("FEEDGATE_TOOLS") or Path.home() / ".cache/feedgate-tools")
try:
    import yaml
except ImportError:
    # That of the checks, which validate.sh has brought.
    python = TOOLS / "py-infra/bin/python"
    if Path(sys.executable) == python or not python.exists():
        print("SKIP   mutations: Python has no PyYAML")
        sys.exit(0)
    os.execv(python, [str(python), *sys.argv])
# Longest time of one check in seconds: the slowest takes a sixth of it on a loaded machine.
SECONDS_MAX = 600
printing = threading.Lock()


def say(text):
    with printing:
        print(text, flush=True)


class Refused(Exception):
    """A mutation that would write to what is not a copy."""


class Copy:
    """A repository as the one at `root`, of which deploy/ and the named folders beside it may be changed."""

    def __init__(self, root, folder, beside):
        self.folder = Path(folder).resolve()
        self.deploy = self.folder / "deploy"
        ignored = shutil.ignore_patterns("__pycache__", ".terraform")
        for entry in root.iterdir():
            target = self.folder / entry.name
            if entry.name == ".git":
                continue
            if entry.is_file():
                shutil.copy(entry, target)
            elif entry.name == "deploy" or entry.name in beside:
                shutil.copytree(entry, target, ignore=ignored, symlinks=True)
            else:
                target.symlink_to(entry)

    def changed(self, mutation):
        """Breaks it; gives back how to mend it."""
        path = Path(os.path.normpath(self.deploy / mutation["file"]))
        if not path.resolve().is_relative_to(self.folder):
            raise Refused(f"{mutation['file']} leads out of the copy")
        before = path.read_text()
        if "replace" not in mutation:
            path.unlink()
        else:
            path.write_text(before.replace(mutation["replace"], mutation.get("with", ""), 1))
        return lambda: path.write_text(before)


def beside(listed):
    """Folders of the repository but deploy/ that mutations change."""
    parts = (Path(os.path.normpath(Path("deploy") / each["file"])).parts for each in listed)
    return {each[0] for each in parts if each[0] != "deploy"}


def check(copy, name, changed=""):
    """Exit status and output of an area's check."""
    process = subprocess.Popen(
        ["sh", str(copy.deploy / "checks" / f"{name}.sh")],
        env=os.environ | {"FEEDGATE_CHECKS": "quick", "FEEDGATE_CHANGED": changed},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=SECONDS_MAX)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGTERM)
        output, _ = process.communicate()
        output += f"SKIP  {name} took longer than {SECONDS_MAX} s\n"
    return process.returncode, output


def wanting(output):
    """Whether a check had to leave something out for want of a tool."""
    return [line for line in output.splitlines() if line.startswith("SKIP") and not line.endswith("quick")]


def stale(root, mutation):
    """A mutation whose text is not there any more."""
    path = root / "deploy" / mutation["file"]
    return not path.is_file() or mutation.get("replace", "") not in path.read_text()


def outcome(copy, name, mutation):
    """`noticed`, `not noticed` or `not tried`; says so."""
    mend = copy.changed(mutation)
    try:
        status, output = check(copy, name, mutation["file"])
    finally:
        mend()
    found = [line for line in output.splitlines() if line.startswith("FAIL")]
    wanted = mutation.get("expect", "")
    if status != 0 and any(wanted in line for line in found or [output]):
        say(f"ok     {name}: {mutation['why']}")
        return "noticed"
    if status == 0 and (lacking := wanting(output)):
        say(f"SKIP   {name}: {mutation['why']}\n       {lacking[0]}")
        return "not tried"
    told = "\n".join(found) or "nothing was found"
    say(f"MISSED {name}: {mutation['why']}\n       {mutation['file']}\n{told}")
    return "not noticed"


def baseline(copy, name):
    """Whether the check passes without any mutation."""
    status, output = check(copy, name)
    if status != 0:
        say(f"{output}FAIL   {name}: its check fails without any mutation")
    return status == 0


class Trial:
    """All mutations, taken from a queue by several threads with a copy each."""

    def __init__(self, listed, is_checked):
        self.listed = listed
        self.tasks = queue.SimpleQueue()
        self.counts = Counter()
        self.seconds = Counter()
        for name in [] if is_checked else sorted({name for name, _ in listed}):
            self.tasks.put((name, None))
        for each in listed:
            self.tasks.put(each)

    def done(self, copy, name, mutation):
        if mutation is None:
            return "" if baseline(copy, name) else "broken"
        if stale(ROOT, mutation):
            say(f"STALE  {name}: {mutation['file']} does not have what this would change: {mutation['why']}")
            return "not noticed"
        try:
            return outcome(copy, name, mutation)
        except (Refused, OSError, UnicodeError) as error:
            say(f"MISSED {name}: {mutation['why']}: {error}")
            return "not noticed"

    def work(self):
        with tempfile.TemporaryDirectory() as folder:
            copy = Copy(ROOT, folder, beside([each for _, each in self.listed]))
            while True:
                try:
                    name, mutation = self.tasks.get_nowait()
                except queue.Empty:
                    return
                start = time.monotonic()
                self.counts[self.done(copy, name, mutation)] += 1
                self.seconds[name] += time.monotonic() - start

    def run(self, jobs):
        threads = [threading.Thread(target=self.work) for _ in range(jobs)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()


def mutations(names, only):
    for name in names:
        for each in yaml.safe_load((DEPLOY / "checks/mutations" / f"{name}.yaml").read_text()):
            if only in each["why"] + each["file"]:
                yield name, each


def sampled(listed, count):
    """Every so-manieth, from a place that moves on by one with each commit: in the end, all have had their turn."""
    step = max(1, len(listed) // count)
    told = subprocess.run(
        ["git", "-C", str(ROOT), "rev-list", "--count", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    place = int(told or 0) % step
    say(f"       a sample: from {place}, every {step}th of {len(listed)}")
    return listed[place::step]


def tried(listed, jobs, is_checked):
    """Exit status."""
    start = time.monotonic()
    if not is_checked and os.environ.get("FEEDGATE_FETCH") != "no":
        subprocess.run([DEPLOY / "checks/support/fetched.sh"], check=False)
    os.environ["FEEDGATE_FETCH"] = "no"
    trial = Trial(listed, is_checked)
    trial.run(jobs)
    for name, seconds in sorted(trial.seconds.items()):
        say(f"       {name}: {sum(each == name for each, _ in listed)} mutations, {seconds:.0f} s of one process")
    counts = trial.counts
    say(
        f"{len(listed)} mutations, {counts['noticed']} noticed, {counts['not noticed']} not noticed, "
        f"{counts['not tried']} not tried for want of a tool; {time.monotonic() - start:.0f} s"
    )
    if sum(counts[each] for each in ("noticed", "not noticed", "not tried")) != len(listed):
        say("FAIL   not every mutation came to an end")
        return 1
    return 1 if counts["not noticed"] or counts["broken"] or not listed else 0


def self_check():
    """A mutation outside of deploy/ changes its copy alone; one that would follow a link out of it is refused."""
    with tempfile.TemporaryDirectory() as folder:
        root, place = Path(folder, "repository"), Path(folder, "copy")
        for path in ("deploy/a", "src/deep/b", "docs/c", "d"):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text("as it is")
        (root / "deploy/link").symlink_to("../docs/c")
        (root / "deploy/away").symlink_to(root / "docs/c")
        place.mkdir()
        listed = [{"file": file, "replace": "as", "with": "not as"} for file in ("a", "../src/deep/b", "../d")]
        copy = Copy(root, place, beside(listed))
        for each in listed:
            mend = copy.changed(each)
            path = copy.deploy / each["file"]
            assert path.read_text() == "not as it is", f"{each['file']} is not changed"
            mend()
            assert path.read_text() == "as it is", f"{each['file']} is not mended"
        for file in ("../docs/c", "link", "away", "../../repository/d"):
            try:
                copy.changed({"file": file, "replace": "as", "with": "not as"})
            except Refused:
                continue
            raise AssertionError(f"{file} leads out of the copy and was changed")
        for path in ("deploy/a", "src/deep/b", "docs/c", "d"):
            assert (root / path).read_text() == "as it is", f"{path} of the repository is changed"
    say("ok    a mutation changes nothing but its copy")
    return 0


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--only", default="")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--checked", action="store_true")
    parser.add_argument("--self-check", action="store_true")
    arguments = parser.parse_args()
    if arguments.self_check:
        return self_check()
    names = arguments.names or sorted(path.stem for path in (DEPLOY / "checks/mutations").glob("*.yaml"))
    listed = list(mutations(names, arguments.only))
    if arguments.sample and "FEEDGATE_TEST_LONG" not in os.environ:
        listed = sampled(listed, arguments.sample)
    return tried(listed, int(os.environ.get("FEEDGATE_JOBS", "2")), arguments.checked)


if __name__ == "__main__":
    sys.exit(main())
