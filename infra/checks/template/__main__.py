"""Rules of template.yaml that no template checker knows; each is tried on a template that breaks it.

Usage: python infra/checks/template. Prints a line for each broken rule, and for each rule that lets its broken template pass;
exit code 1 when there is one.
"""

import sys

from proof import unproven
from rules import RULES, complaints
from subject import ROOT, Subject


def main():
    subject = Subject.read(ROOT / "template.yaml")
    faults = [f"template.yaml: {complaint} [{rule}]" for rule, complaint in complaints(subject)]
    # A template that is broken already would blame every rule.
    faults = faults or unproven(subject)
    for fault in faults:
        print(fault)
    if not faults:
        print(f"template.yaml keeps {len(RULES)} rules, each of which refuses a template that breaks it")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
