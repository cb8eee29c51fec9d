"""What no rule expects in a template is told in sentences, and never by a crash."""

import copy
import unittest

from edits import add, remove
from proof import broken_by
from rules import complaints
from subject import ROOT, Subject

TEMPLATE = Subject.read(ROOT / "template.yaml")


class Unexpected(unittest.TestCase):
    def told(self, edit):
        said = [complaint for _, complaint in complaints(broken_by(edit, TEMPLATE))]
        self.assertTrue(said)
        self.assertEqual([one for one in said if "cannot be judged" in one], [], "a rule stumbled")
        return "\n".join(said)

    def test_a_third_function_is_told_what_it_lacks(self):
        said = self.told(add("Resources", "Third", value={"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "crates/third"}}))
        for lacking in ("Third has no alarm of its Errors", "Third must have a role", "Third must log into", "Third.METRICS_NAMESPACE"):
            self.assertIn(lacking, said)

    def test_a_queue_without_dead_letters_is_told(self):
        self.assertIn("BulkChangeQueue.RedrivePolicy", self.told(remove("Resources", "BulkChangeQueue", "Properties", "RedrivePolicy")))

    def test_a_bare_queue_is_told(self):
        self.assertIn("Bare must have a RedrivePolicy", self.told(add("Resources", "Bare", value={"Type": "AWS::SQS::Queue"})))

    def test_queues_without_a_retention_are_told(self):
        for queue in ("BulkChangeQueue", "BulkChangeDeadLetters"):
            self.assertIn("MessageRetentionPeriod", self.told(remove("Resources", queue, "Properties", "MessageRetentionPeriod")))

    def test_an_alarm_without_a_metric_is_told(self):
        self.assertIn("Sums must look at one metric", self.told(add("Resources", "Sums", value={"Type": "AWS::CloudWatch::Alarm", "Properties": {}})))

    def test_a_rule_that_stumbles_is_a_complaint(self):
        broken = copy.deepcopy(TEMPLATE.template)
        del broken["Resources"]["Dashboard"]
        self.assertIn("cannot be judged", "\n".join(complaint for _, complaint in complaints(Subject(broken, dict(TEMPLATE.texts)))))


if __name__ == "__main__":
    unittest.main()
