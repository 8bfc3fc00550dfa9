#!/usr/bin/env python3
"""Wraps the rule files of deploy/prometheus as PrometheusRules for the Prometheus Operator.

    generate.py            writes rules-NAME.yaml and the list in kustomization.yaml
    generate.py --check    writes nothing; exit status 1 when something would change

Rule files are those with `groups` at their top; promtool's tests have none. Groups go over as they are, so what
promtool tested is what the cluster evaluates.
"""

import sys
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
RULES = HERE.parents[2] / "prometheus"
HEAD = "# Made by generate.py from deploy/prometheus/{source}: change that one.\n"


class Dumper(yaml.SafeDumper):
    """Long expressions as they were written, not folded into one line; lists set in, as yamllint wants them."""

    def increase_indent(self, flow=False, indentless=False):
        return super().increase_indent(flow, False)


def text(dumper, value):
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


Dumper.add_representer(str, text)


def wrapped(path):
    """The PrometheusRule of a rule file, as text; None when it is not one."""
    loaded = yaml.safe_load(path.read_text())
    if not isinstance(loaded, dict) or "groups" not in loaded:
        return None
    rule = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": f"feedgate-{path.stem}", "labels": {"app.kubernetes.io/name": "feedgate"}},
        "spec": {"groups": loaded["groups"]},
    }
    dumped = yaml.dump(rule, Dumper=Dumper, sort_keys=False, width=118, allow_unicode=True)
    return HEAD.format(source=path.relative_to(RULES)) + dumped


def wanted():
    """What the folder should hold: text by file name."""
    files = {}
    for path in sorted(RULES.rglob("*.yaml")) if RULES.is_dir() else []:
        made = wrapped(path)
        if made is not None:
            files[f"rules-{path.stem}.yaml"] = made
    head = (HERE / "kustomization.yaml").read_text().split("resources:")[0]
    names = "".join(f"\n  - {name}" for name in files) or " []"
    return files | {"kustomization.yaml": f"{head}resources:{names}\n"}


def main():
    files = wanted()
    stale = {p.name for p in HERE.glob("rules-*.yaml")} - files.keys()
    changed = sorted({n for n, t in files.items() if not (HERE / n).is_file() or (HERE / n).read_text() != t} | stale)
    if "--check" in sys.argv:
        for name in changed:
            print(f"{name} is not what generate.py makes of deploy/prometheus: run it")
        return 1 if changed else 0
    for name, made in files.items():
        (HERE / name).write_text(made)
    for name in stale:
        (HERE / name).unlink()
    print("\n".join(changed) or "nothing has changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
