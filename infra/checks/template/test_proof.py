"""The proof itself: what would let a rule go untested is told."""

import unittest
from unittest import mock

import proof
from edits import change, remove
from subject import ROOT, Subject

TEMPLATE = Subject.read(ROOT / "template.yaml")
RULE = "tries_are_enough"
TRIES = ("Resources", "BulkChangeQueue", "Properties", "RedrivePolicy", "maxReceiveCount")


class Proof(unittest.TestCase):
    def told_with(self, edits):
        with mock.patch.dict(proof.BROKEN, {RULE: edits}, clear=True):
            return proof.unproven(TEMPLATE)

    def test_a_rule_without_a_broken_template_is_told(self):
        self.assertRegex("\n".join(self.told_with([])), f"rule {RULE} has an empty list")
        with mock.patch.dict(proof.BROKEN, clear=True):
            self.assertRegex("\n".join(proof.unproven(TEMPLATE)), f"rule {RULE} has no template that breaks it")

    def test_a_broken_template_of_no_rule_is_told(self):
        with mock.patch.dict(proof.BROKEN, {"a_rule_that_was": [change(*TRIES, to=1)]}):
            self.assertRegex("\n".join(proof.unproven(TEMPLATE)), "a_rule_that_was, which is no rule")

    def test_an_edit_that_no_longer_applies_is_told(self):
        self.assertRegex("\n".join(self.told_with([remove(*TRIES[:-1], "Renamed")])), "can no longer be made: .*Renamed is not there")
        self.assertRegex("\n".join(self.told_with([change(*TRIES, to=20)])), "can no longer be made: .*has this value already")

    def test_a_breach_that_passes_is_told(self):
        self.assertRegex("\n".join(self.told_with([change(*TRIES, to=21)])), "passes: the rule says nothing")

    def test_a_breach_of_two_rules_is_told(self):
        removed = remove("Resources", "BulkChangeQueue", "UpdateReplacePolicy")

        def both(subject):
            change(*TRIES, to=1)(subject)
            removed(subject)

        self.assertRegex("\n".join(self.told_with([both])), "also breaks what_holds_data_is_kept")


if __name__ == "__main__":
    unittest.main()
