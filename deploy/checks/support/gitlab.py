#!/usr/bin/env python3
"""What GitLab itself would not say of .gitlab-ci.yml and deploy/gitlab.

    gitlab.py check ROOT            findings, one a line
    gitlab.py scripts ROOT FOLDER   writes every script of every job as a file, for shellcheck
    gitlab.py list ROOT KIND CSV    holds what gitlab-ci-local lists against pipelines.txt
"""

import pathlib
import re
import sys

import yaml

ENVIRONMENTS = ["dev", "stage", "prod"]
KEYWORDS = {"stages", "workflow", "default", "include", "variables", "image", "services", "cache", "spec"}


class Loader(yaml.SafeLoader):
    """GitLab's own tag is read as the list that it has."""


Loader.add_constructor("!reference", lambda loader, node: loader.construct_sequence(node))


def files(root):
    yield root / ".gitlab-ci.yml"
    yield from sorted((root / "deploy/gitlab").rglob("*.yml"))


def documents(path):
    return [d for d in yaml.load_all(path.read_text(), Loader) if d]


def jobs(path):
    """(name, job) of every job, hidden ones too."""
    for document in documents(path):
        if "spec" in document:
            continue
        for name, job in document.items():
            if name not in KEYWORDS and isinstance(job, dict):
                yield name, job


def lines(value):
    return [value] if isinstance(value, str) else list(value or [])


def all_jobs(root):
    for path in files(root):
        for name, job in jobs(path):
            yield path.relative_to(root), name, job


def image_of(thing):
    return thing.get("name", "") if isinstance(thing, dict) else (thing or "")


def image_faults(root):
    variables = {}
    for path in files(root):
        for document in documents(path):
            variables |= document.get("variables", {}) if "spec" not in document else {}
    for path, name, job in all_jobs(root):
        for image in [job.get("image"), *job.get("services", [])]:
            reference = image_of(image)
            if not reference or "inputs.image" in reference:
                continue
            reference = variables.get(reference.removeprefix("$"), reference)
            tag = reference.rsplit("/", 1)[-1].partition(":")[2]
            if not re.search(r"\d", tag) or tag.startswith("latest"):
                yield f"{path}: {name}: image `{reference}` is not pinned by version"


def test_faults(root):
    """What a pipeline tests is what .ci/run tests, on a PostgreSQL of the pipeline's own."""
    wanted = [l for l in (root / ".ci/run").read_text().splitlines() if re.match(r"(cargo|tests/|deploy/)", l)]
    found = [line.strip() for _, _, job in all_jobs(root) for script in lines(job.get("script")) for line in script.splitlines()]
    for command in wanted:
        if command not in found:
            yield f"no job runs `{command}`, which .ci/run does"
    job = dict(jobs(root / "deploy/gitlab/test.yml")).get("test", {})
    services = [image_of(s) for s in job.get("services", [])]
    if not any(s.startswith("postgres:") for s in services):
        yield "job test has no PostgreSQL beside it"
    address = job.get("variables", {}).get("FEEDGATE_TEST_POSTGRES", "")
    aliases = [s.get("alias") for s in job.get("services", []) if isinstance(s, dict)]
    host = re.search(r"@([^:/]+)", address)
    if not host or host[1] not in aliases:
        yield "FEEDGATE_TEST_POSTGRES does not name the service of job test"


def deploy_faults(root):
    path = "deploy/gitlab/deploy.yml"
    job = dict(jobs(root / path))["deploy:$[[ inputs.environment ]]"]
    script = "\n".join(lines(job.get("script")))
    if "@$IMAGE_DIGEST" not in script:
        yield f"{path}: the image is not named by the digest that was scanned"
    if "apply.sh \"$overlay\"" not in script:
        yield f"{path}: deploys in another way than deploy/kubernetes/apply.sh"
    if job.get("interruptible") is not False or not job.get("resource_group"):
        yield f"{path}: a deployment can be broken off, or two run at once"
    if "kubectl config use-context \"$AGENT_PROJECT:$NAME\"" not in lines(job.get("before_script")):
        yield f"{path}: the cluster is not reached by the agent of the environment"
    included = documents(root / ".gitlab-ci.yml")[0]["include"]
    for file in ("deploy/gitlab/deploy.yml", "deploy/gitlab/terraform.yml"):
        names = [i["inputs"]["environment"] for i in included if i.get("local") == file]
        if names != ENVIRONMENTS:
            yield f".gitlab-ci.yml: {file} is included for {names}, not for {ENVIRONMENTS}"
    for name in ENVIRONMENTS:
        for folder in (f"deploy/terraform/environments/{name}", f"deploy/kubernetes/overlays/{name}"):
            if (root / folder).parent.exists() and not (root / folder).exists():
                yield f"{folder} does not exist, the pipeline deploys it"


def terraform_faults(root):
    path = "deploy/gitlab/terraform.yml"
    found = dict(jobs(root / path))
    base = found[".terraform:$[[ inputs.environment ]]"]
    if base.get("id_tokens", {}).get("ARM_OIDC_TOKEN", {}).get("aud") != "api://AzureADTokenExchange":
        yield f"{path}: no token that Azure takes"
    if str(base.get("variables", {}).get("ARM_USE_OIDC")) != "true":
        yield f"{path}: does not sign in by the token"
    plan = found["terraform:plan:$[[ inputs.environment ]]"]
    if plan["artifacts"].get("access") != "developer":
        yield f"{path}: everybody may read the plan"
    apply = "\n".join(lines(found["terraform:apply:$[[ inputs.environment ]]"]["script"]))
    if apply != "terraform apply plan.tfplan" or "-out=plan.tfplan" not in "\n".join(plan["script"]):
        yield f"{path}: what is applied is not what was planned"
    version = re.search(r"terraform:(\d+\.\d+)", image_of(base.get("image")))
    required = (root / "deploy/terraform/modules/environment/versions.tf").read_text()
    if version and f">= {version[1]}" not in required:
        yield f"{path}: Terraform {version[1]} is not what the modules ask for"


def secret_faults(root):
    for path in files(root):
        text = path.read_text()
        for pattern in (r"\bglpat-", r"-----BEGIN", r"(?i)\b(password|token|secret)\w*: *[\"']?[A-Za-z0-9+/]{8,}"):
            for match in re.finditer(pattern, text):
                yield f"{path.relative_to(root)}: looks like a secret: {match[0][:40]}"
        for line in text.splitlines():
            if re.search(r"--password[ =]\"?\$|(echo|set -x).*(_TOKEN|PASSWORD)", line) and "credential.helper" not in line:
                yield f"{path.relative_to(root)}: a secret on a command line or in a log: {line.strip()[:60]}"


def component_faults(root):
    folder = root / "deploy/gitlab/component"
    readme = (folder / "README.md").read_text()
    spec, template = documents(folder / "templates/feeds.yml")
    text = (folder / "templates/feeds.yml").read_text()
    for name, entry in spec["spec"]["inputs"].items():
        row = re.search(rf"^\| `{name}` \| (.*?) \|", readme, re.M)
        if not entry.get("description"):
            yield f"component: input `{name}` has no description"
        if "default" not in entry:
            yield f"component: input `{name}` has no default, so those who include it have to be changed"
        elif not row or str(entry["default"]) not in row[1]:
            yield f"component: README does not tell input `{name}` and its default"
        if f"$[[ inputs.{name} ]]" not in text:
            yield f"component: input `{name}` does nothing"
    used = set(re.findall(r"\$\[\[ inputs\.([a-z-]+) \]\]", text))
    for name in sorted(used - set(spec["spec"]["inputs"])):
        yield f"component: `{name}` is used and no input"
    validate = template["$[[ inputs.job-prefix ]]-validate"]["artifacts"]
    if set(validate["reports"]) != {"junit", "codequality"} or validate.get("when") != "always":
        yield "component: the reports do not reach the merge request when a record is wrong"
    for name, job in template.items():
        if not job["artifacts"].get("expose_as") or not job["artifacts"].get("paths"):
            yield f"component: {name} is not linked in the merge request"
        # With a variable in a path GitLab shows no link; inputs are put in before that.
        if any("$" in re.sub(r"\$\[\[.*?\]\]", "", p) for p in job["artifacts"]["paths"]):
            yield f"component: {name}: a variable in a path takes the link away"
    changes = re.findall(r"^## (\S+)$", (folder / "CHANGELOG.md").read_text(), re.M)
    for version in re.findall(r"feeds@(\S+)", readme) + re.findall(r"ref: (\S+)", readme):
        if version not in changes:
            yield f"component: README pins {version}, of which CHANGELOG.md does not tell"


def check(root):
    faults = []
    for found in (image_faults, test_faults, deploy_faults, terraform_faults, secret_faults, component_faults):
        try:
            faults += found(root)
        except (KeyError, TypeError, ValueError) as error:
            faults.append(f"{found.__name__}: not as expected: {error!r}")
    print("\n".join(faults))
    return 1 if faults else 0


def scripts(root, folder):
    """Inputs are put in by GitLab before a shell sees them; a word stands for each."""
    folder.mkdir(parents=True)
    for path, name, job in all_jobs(root):
        for part in ("before_script", "script", "after_script"):
            text = "\n".join(lines(job.get(part)))
            if text:
                file = folder / (re.sub(r"\W+", "-", f"{path}-{name}-{part}") + ".sh")
                # CI variables come from outside.
                file.write_text("#!/bin/sh\n" + re.sub(r"\$\[\[ [^]]* \]\]", "input", text) + "\n")
    return 0


def pipelines(root, kind, csv):
    def row(line):
        name, _, when, allowed, environment, needs = (line.replace('"', "").split(";") + [""] * 6)[:6]
        needs = needs if needs == "[]" else needs.strip("[]")
        return f"{name} {when} {allowed} {environment or '-'} {needs or '-'}"

    found = [row(line) for line in csv.read_text().splitlines() if line.count(";") > 3 and not line.startswith("name;")]
    table = (pathlib.Path(__file__).parent / "pipelines.txt").read_text().splitlines()
    wanted = [line.partition(" ")[2] for line in table if line.startswith(f"{kind} ")]
    for line in wanted:
        if line not in found:
            print(f"{kind}: missing or other: {line}")
    for line in found:
        if line not in wanted:
            print(f"{kind}: not in pipelines.txt: {line}")
    return 0 if sorted(found) == sorted(wanted) else 1


if __name__ == "__main__":
    action, *rest = sys.argv[1:]
    if action == "check":
        sys.exit(check(pathlib.Path(rest[0])))
    if action == "scripts":
        sys.exit(scripts(pathlib.Path(rest[0]), pathlib.Path(rest[1])))
    sys.exit(pipelines(pathlib.Path(rest[0]), rest[1], pathlib.Path(rest[2])))
