"""What the documentation below deploy/ says can be done: commands, files, links, and objects of the cluster.

    docs.py ROOT [--feedgate PROGRAM] [--rendered FOLDER]

PROGRAM parses every `feedgate ...` that stands in a code span or block; nothing is run, for `--help` stands behind it.
FOLDER has what `kubectl kustomize` made, `overlays-NAME.yaml` and `namespaces-NAME.yaml`: what a kubectl command names has
to be there. One line for each finding; exit status 1 when there is one.
"""

import glob
import re
import shlex
import subprocess
import sys
from pathlib import Path

import yaml

FENCE = re.compile(r"^([ ]*)```(\w*)\n(.*?)^\1```", re.M | re.S)
SPAN = re.compile(r"(?<!`)`([^`]+)`(?!`)")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
# Words that stand for a number in what feedgate is told.
NUMBERS = {"RUN", "N", "ID"}
KINDS = {
    "cronjob": "CronJob", "deployment": "Deployment", "deploy": "Deployment", "hpa": "HorizontalPodAutoscaler",
    "service": "Service", "svc": "Service", "pod": "Pod", "job": "Job", "resourcequota": "ResourceQuota",
    "statefulset": "StatefulSet", "configmap": "ConfigMap", "secret": "Secret",
}
findings = []
counts = {"commands of feedgate": 0, "paths": 0, "links": 0, "objects": 0}


def finding(path, sentence):
    findings.append(f"{path}: {sentence}")


def parts(text):
    """Blocks of commands, as joined lines, and code spans of a page."""
    lines = []
    for match in FENCE.finditer(text):
        if match[2] in ("", "sh", "bash", "console"):
            joined = re.sub(r"\\\n\s*", " ", match[3])
            lines += [line.strip() for line in joined.splitlines() if line.strip()]
    spans = [" ".join(span.split()) for span in SPAN.findall(FENCE.sub("", text))]
    return lines, spans


def simple_commands(line):
    """Words of each command of a line; pipes and lists are taken apart."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|;&")
    lexer.whitespace_split = True
    command = []
    try:
        for word in lexer:
            if set(word) <= set("|;&"):
                yield command
                command = []
            else:
                command.append(word)
    except ValueError:
        return
    yield command


def of_feedgate(words):
    """Arguments for feedgate of a command, by itself or in a pod; None when it is of something else."""
    while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
        words = words[1:]
    if words[:1] == ["feedgate"]:
        return words[1:]
    if "--" in words and words[words.index("--") + 1 :][:1] == ["feedgate"]:
        return words[words.index("--") + 2 :]
    return None


def parses(program, arguments):
    """What feedgate says of arguments that it does not take, or nothing."""
    arguments = ["1" if word in NUMBERS else word for word in arguments]
    done = subprocess.run(
        [program, *arguments, "--help"], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    return done.stderr.strip().splitlines()[0] if done.returncode else ""


def commands(path, lines, spans, program):
    for line in lines + spans:
        for words in simple_commands(line):
            arguments = of_feedgate(words)
            # A span such as `feedgate` is a name, `feedgate ...` any command.
            if not arguments or arguments[0] == "..." or line in spans and arguments[0].startswith("."):
                continue
            counts["commands of feedgate"] += 1
            if program and (fault := parses(program, arguments)):
                finding(path, f"`feedgate {' '.join(arguments)}` is not taken: {fault}")


def anchors(text):
    """Names of the headings of a page, as GitLab makes them."""
    for heading in re.findall(r"^#+ (.*)$", FENCE.sub("", text), re.M):
        plain = re.sub(r"[^\w\- ]", "", heading.replace("`", "")).strip().lower()
        yield plain.replace(" ", "-")


def links(root, page, text):
    for target in LINK.findall(FENCE.sub("", text)):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        to = (page.parent / file).resolve() if file else page
        counts["links"] += 1
        if not to.exists():
            finding(page.relative_to(root), f"the link `{target}` leads to nothing")
        elif anchor and to.suffix == ".md" and anchor not in anchors(to.read_text(encoding="utf-8")):
            finding(page.relative_to(root), f"the link `{target}` leads to no heading")


def braces(word):
    """a{b,c} as ab and ac."""
    match = re.search(r"\{([^{}]*)\}", word)
    if not match:
        return [word]
    return [each for part in match[1].split(",") for each in braces(word[: match.start()] + part + word[match.end() :])]


def paths(root, page, lines, spans):
    """Words that begin as a path of the repository does have to be one."""
    bases = [page.parent, root, root / "deploy", root / "deploy/kubernetes", root / "deploy/terraform"]
    for word in {word for line in lines + spans for word in re.split(r"[\s=\"']+", line)}:
        word = word.rstrip(".,:;").removeprefix("./")
        plain = word.removeprefix("../")
        # An object of the cluster, in kubectl's short form.
        if re.fullmatch(r"deploy/feedgate-\w+", word):
            continue
        if "/" not in plain or not re.fullmatch(r"[\w.{},*/-]+", plain) or re.search(r"\b[A-Z]{2,}\b", plain.split("/")[0]):
            continue
        first = plain.split("/")[0]
        places = [base for base in bases if first and (base / first).is_dir()]
        # What is under that name elsewhere: a pod's file, an image, a media type.
        if not places or first in (".", "..", "shop", "feeds"):
            continue
        # Upper case is to be filled in.
        pattern = re.sub(r"[A-Z]{3,}(?![A-Za-z.])", "*", plain)
        counts["paths"] += 1
        for each in braces(pattern):
            if not any(glob.glob(str(base / each)) for base in places):
                finding(page.relative_to(root), f"there is no `{word}`")


def objects(folder):
    """Names of objects by namespace."""
    known = {}
    for path in Path(folder).glob("*.yaml"):
        for thing in filter(None, yaml.safe_load_all(path.read_text(encoding="utf-8"))):
            namespace = thing["metadata"].get("namespace")
            known.setdefault(namespace, set()).add((thing["kind"], thing["metadata"]["name"]))
    return known


def named(words):
    """(kind, name) of the objects that a kubectl command names."""
    for place, word in enumerate(words):
        word = word.removeprefix("--from=")
        kind, _, name = word.partition("/")
        if name and kind in KINDS and not re.search(r"[/.]", name):
            yield KINDS[kind], name
        elif word in KINDS and place == 2 and words[1] in ("patch", "delete", "scale", "get") and place + 1 < len(words):
            if not words[place + 1].startswith("-"):
                yield KINDS[word], words[place + 1]


def cluster(path, lines, known, tools):
    made = set()
    for line in lines:
        for words in simple_commands(line):
            if words[-2:-1] and words[-2].endswith("apply.sh") and not words[-1].isupper():
                environments = {name.removeprefix("feedgate-") for name in known if name}
                if words[-1] not in environments:
                    finding(path, f"there is no environment `{words[-1]}`: {line}")
            if words[:1] != ["kubectl"]:
                continue
            # What is behind `--` is for the program in the pod.
            words = words[: words.index("--")] if "--" in words else words
            if words[1:3] == ["create", "job"] or words[1:2] == ["create"]:
                made |= {word for word in words[3:] if re.fullmatch(r"[a-z][a-z0-9-]*", word)}
            namespace = words[words.index("-n") + 1] if "-n" in words else None
            if namespace is None or namespace.isupper() or not namespace.startswith("feedgate"):
                continue
            if namespace not in known:
                finding(path, f"there is no namespace `{namespace}`: {line}")
                continue
            for thing in named(words):
                counts["objects"] += 1
                if thing not in known[namespace] and thing not in tools and thing[1] not in made:
                    finding(path, f"`{namespace}` has no {thing[0]} `{thing[1]}`: {line}")


def main():
    root = Path(sys.argv[1]).resolve()
    options = dict(zip(sys.argv[2::2], sys.argv[3::2], strict=True))
    known = objects(options["--rendered"]) if "--rendered" in options else None
    tools = {
        (thing["kind"], thing["metadata"]["name"])
        for path in (root / "deploy/kubernetes/tools").glob("*.yaml")
        for thing in yaml.safe_load_all(path.read_text(encoding="utf-8"))
    }
    pages = sorted((root / "deploy").rglob("*.md"))
    for page in pages:
        text = page.read_text(encoding="utf-8")
        lines, spans = parts(text)
        name = page.relative_to(root)
        commands(name, lines, spans, options.get("--feedgate"))
        links(root, page, text)
        # The component is a project of its own: its paths are those of who includes it.
        if "component" not in page.parts:
            paths(root, page, lines, spans)
        if known:
            cluster(name, lines, known, tools)
    for each in findings:
        print(f"FAIL  docs: {each}")
    print(f"ok    docs: {len(pages)} pages, {', '.join(f'{count} {what}' for what, count in counts.items())}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
