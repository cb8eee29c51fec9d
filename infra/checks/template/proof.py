"""Shows that each rule works: the template that breaks it makes this rule complain, and no other.

A rule without a broken template is a fault, and so is an edit that no longer applies: both would be a check that cannot fail.
"""

import copy

from broken_templates import BROKEN
from edits import DoesNotApply
from rules import RULES, complaints
from subject import Subject


def broken_by(edit, subject):
    copied = Subject(copy.deepcopy(subject.template), dict(subject.texts))
    edit(copied)
    return copied


def unproven(subject):
    """Rules that nothing shows to work, in words."""
    faults = [f"the rule {rule} has no template that breaks it: infra/checks/template/broken_templates.py" for rule in RULES if rule not in BROKEN]
    faults += [f"infra/checks/template/broken_templates.py breaks {rule}, which is no rule" for rule in BROKEN if rule not in RULES]
    for rule, edits in BROKEN.items():
        if not edits:
            faults.append(f"the rule {rule} has an empty list of templates that break it")
        for number, edit in enumerate(edits, 1):
            which = f"broken template {number} of {rule}"
            try:
                broken = broken_by(edit, subject)
            except DoesNotApply as error:
                faults.append(f"{which} can no longer be made: {error}")
                continue
            told = {name for name, _ in complaints(broken)}
            if rule not in told:
                faults.append(f"{which} passes: the rule says nothing")
            faults += [f"{which} also breaks {other}: it must break one rule alone" for other in sorted(told - {rule})]
    return faults
