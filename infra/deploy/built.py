"""Holds what `sam build` left against the architecture that it was asked for, and the deployment to it.

Usage: built.py ARCHITECTURE. Ends with exit code 1 when a bootstrap is for another machine: Lambda would take it, and start nothing.
"""

import pathlib
import sys

from samcli.yamlhelper import yaml_dump, yaml_parse

FOLDER = pathlib.Path(__file__).resolve().parents[2] / ".aws-sam" / "build"
FUNCTIONS = ("Intake", "Consumer")
# e_machine of the ELF header, two bytes, the lower one first.
MACHINES = {b"\xb7\x00": "arm64", b"\x3e\x00": "x86_64"}


def machine_of(program):
    """What an executable runs on: arm64, x86_64, or in words what it is instead."""
    head = program.read_bytes()[:20]
    return MACHINES.get(head[18:20], "a machine unknown here") if head.startswith(b"\x7fELF") else "no machine, because it is no ELF file"


def mismatches(folder, architecture):
    for function in FUNCTIONS:
        program = folder / function / "bootstrap"
        if not program.exists():
            yield f"sam build left no {program}"
        elif machine_of(program) != architecture:
            yield f"{program} is for {machine_of(program)}, and Architecture is {architecture}"


def bind(folder, architecture):
    """The built template takes no other architecture, so that an answer that comes after the build is refused and not deployed."""
    path = folder / "template.yaml"
    template = yaml_parse(path.read_text(encoding="utf-8"))
    template["Parameters"]["Architecture"].update(
        Default=architecture, AllowedValues=[architecture],
        ConstraintDescription=f"{architecture}, which was built; make deploy again builds for what was answered",
    )
    path.write_text(yaml_dump(template), encoding="utf-8")


def main():
    architecture = sys.argv[1]
    wrong = list(mismatches(FOLDER, architecture))
    if wrong:
        sys.exit("\n".join(wrong))
    bind(FOLDER, architecture)


if __name__ == "__main__":
    main()
