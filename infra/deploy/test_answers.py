"""What an environment is deployed with: what was answered, what the release says, and that nothing is frozen by accident."""

import pathlib
import tempfile
import unittest
from unittest import mock

from samcli.cli.types import CfnParameterOverridesType

import answers

GIVEN = {
    "CentralConnectionString": "Server=tcp:db.example.test,1433;Database=AltaworxCentral;Encrypt=true",
    "IntakeLoginSecretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:intake-AbCdEf",
    "ConsumerLoginSecretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:consumer-AbCdEf",
    "OidcIssuer": "https://issuer.example.test",
}


class Answers(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        patched = mock.patch.object(answers, "ROOT", pathlib.Path(folder.name))
        patched.start()
        self.addCleanup(patched.stop)
        self.declared = answers.defaults()

    def answered_by_sam(self, environment="dev", **more):
        """Every parameter as `sam deploy --guided` keeps it: one text, defaults included."""
        values = {**{name: value or "" for name, value in self.declared.items()}, **GIVEN, **more}
        kept = answers.read(answers.kept_in(environment))
        kept[environment]["deploy"]["parameters"]["parameter_overrides"] = " ".join(f'{name}="{value}"' for name, value in values.items())
        answers.write(answers.kept_in(environment), environment, kept[environment])
        answers.tidy(environment)

    def kept(self, environment="dev"):
        return answers.read(answers.kept_in(environment))[environment]["deploy"]["parameters"]["parameter_overrides"]

    def deployed(self, environment="dev"):
        """What SAM makes of the parameters when it does not ask."""
        settings = answers.read(answers.run_with(environment))[environment]["deploy"]["parameters"]
        return CfnParameterOverridesType().convert(settings["parameter_overrides"], None, None)

    def with_default(self, name, value):
        return mock.patch.object(answers, "defaults", lambda: {**self.declared, name: value})

    def test_the_first_time_asks_and_leaves_the_tracked_file_alone(self):
        before = answers.BEGUN_WITH.read_text()
        self.assertEqual(answers.begin("dev", False), ("arm64", "ask"))
        self.answered_by_sam()
        self.assertEqual(answers.BEGUN_WITH.read_text(), before)

    def test_later_the_answers_are_kept_unless_somebody_wants_to_be_asked(self):
        answers.begin("dev", False)
        self.answered_by_sam()
        self.assertEqual(answers.begin("dev", False)[1], "keep")
        self.assertEqual(answers.begin("dev", True)[1], "ask")

    def test_what_is_still_open_is_asked_for_again(self):
        answers.begin("dev", False)
        self.assertEqual(answers.begin("dev", False)[1], "ask")
        answers.begin("prod", False)
        self.answered_by_sam("prod", AlarmTopicArn="FILL-IN: later")
        self.assertEqual(answers.begin("prod", False)[1], "ask")

    def test_a_new_parameter_without_a_default_is_asked_for(self):
        answers.begin("dev", False)
        self.answered_by_sam()
        with self.with_default("Something", None):
            self.assertEqual(answers.begin("dev", False)[1], "ask")

    def test_a_default_that_a_release_changes_takes_effect(self):
        answers.begin("dev", False)
        self.answered_by_sam()
        self.assertNotIn("RevCallsPerMinute", self.kept())
        with self.with_default("RevCallsPerMinute", "450"):
            answers.begin("dev", False)
        self.assertEqual(self.deployed()["RevCallsPerMinute"], "450")

    def test_what_was_answered_outlives_a_release(self):
        answers.begin("dev", False)
        self.answered_by_sam(RevCallsPerMinute="300")
        with self.with_default("RevCallsPerMinute", "450"):
            answers.begin("dev", False)
        self.assertEqual(self.deployed()["RevCallsPerMinute"], "300")

    def test_every_parameter_is_said_each_time(self):
        answers.begin("dev", False)
        self.answered_by_sam()
        answers.begin("dev", False)
        self.assertEqual(set(self.deployed()), set(self.declared))
        self.assertEqual({name: self.deployed()[name] for name in GIVEN}, GIVEN)

    def test_a_parameter_is_emptied_by_taking_its_line_out(self):
        answers.begin("prod", False)
        self.answered_by_sam("prod", AlarmTopicArn="arn:aws:sns:us-east-1:123456789012:people")
        kept = answers.read(answers.kept_in("prod"))
        del kept["prod"]["deploy"]["parameters"]["parameter_overrides"]["AlarmTopicArn"]
        answers.write(answers.kept_in("prod"), "prod", kept["prod"])
        self.assertEqual(answers.begin("prod", False)[1], "keep")
        self.assertEqual(self.deployed("prod")["AlarmTopicArn"], "")

    def test_a_release_before_a_parameter_does_not_stumble_over_it_and_loses_nothing(self):
        answers.begin("dev", False)
        self.answered_by_sam(ParameterOfTomorrow="kept")
        answers.begin("dev", False)
        self.assertNotIn("ParameterOfTomorrow", self.deployed())
        self.assertEqual(self.kept()["ParameterOfTomorrow"], "kept")

    def test_what_is_built_is_what_was_answered(self):
        answers.begin("dev", False)
        self.answered_by_sam(Architecture="x86_64")
        self.assertEqual(answers.begin("dev", False), ("x86_64", "keep"))

    def test_an_environment_of_ones_own_is_a_file(self):
        answers.begin("dev", False)
        self.answered_by_sam()
        answers.write(answers.kept_in("mine"), "mine", answers.read(answers.kept_in("dev"))["dev"])
        self.assertEqual(answers.begin("mine", False), ("arm64", "keep"))

    def test_an_environment_that_nobody_knows_is_told(self):
        for unknown, said in (("staging", "samconfig.toml has dev, next, prod"), ("../prod", "letters, digits and hyphens")):
            with self.assertRaisesRegex(SystemExit, said):
                answers.begin(unknown, False)
            self.assertFalse(answers.kept_in("staging").exists())


if __name__ == "__main__":
    unittest.main()
