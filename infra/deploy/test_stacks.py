"""Protecting and removing a stack, with CloudFormation, SQS and CloudWatch Logs played by recorded answers: an unexpected call fails."""

import contextlib
import datetime
import io
import pathlib
import tempfile
import unittest
from unittest import mock

import boto3
from botocore.exceptions import ClientError
from botocore.stub import Stubber

import answers
import protect
import remove
import stack

NAME, REGION, ID = "device-association-dev", "us-east-1", "arn:aws:cloudformation:us-east-1:123456789012:stack/device-association-dev/1"
QUEUE, LOG = "https://sqs.us-east-1.amazonaws.com/123456789012/device-bulk-change-queue-dev", "/device-association/device-association-dev/intake"
WHEN = datetime.datetime(2026, 11, 23, tzinfo=datetime.timezone.utc)


MISSING = f"Stack with id {NAME} does not exist"


def described(status="CREATE_COMPLETE", protected=False):
    return {"Stacks": [{
        "StackName": NAME, "StackId": ID, "CreationTime": WHEN, "StackStatus": status, "EnableTerminationProtection": protected,
    }]}


def deleted(name, stack_id, when):
    return {"StackName": name, "StackId": stack_id, "CreationTime": WHEN, "DeletionTime": when, "StackStatus": "DELETE_COMPLETE"}


def listed(*resources, status="CREATE_COMPLETE"):
    return {"StackResourceSummaries": [
        {"LogicalResourceId": f"R{number}", "ResourceType": kind, "PhysicalResourceId": physical, "ResourceStatus": status,
         "LastUpdatedTimestamp": WHEN}
        for number, (kind, physical) in enumerate(resources)
    ]}


class Stacks(unittest.TestCase):
    def setUp(self):
        self.clients = {
            service: boto3.client(service, region_name=REGION, aws_access_key_id="none", aws_secret_access_key="none")
            for service in ("cloudformation", "sqs", "logs")
        }
        self.stubs = {service: Stubber(client) for service, client in self.clients.items()}
        for stub in self.stubs.values():
            stub.activate()
        self.said = io.StringIO()

    def expect(self, service, call, answer, **arguments):
        self.stubs[service].add_response(call, answer, arguments)

    def run_with(self, module, call, typed=""):
        with (
            mock.patch.object(module, "client", lambda service, _: self.clients[service]),
            mock.patch("builtins.input", lambda _: typed),
            contextlib.redirect_stdout(self.said),
        ):
            call()
        for stub in self.stubs.values():
            stub.assert_no_pending_responses()

    def test_a_stack_goes_first_and_then_what_it_leaves(self):
        self.expect("cloudformation", "describe_stacks", described(), StackName=NAME)
        self.expect("cloudformation", "list_stack_resources", listed(
            ("AWS::SQS::Queue", QUEUE), ("AWS::IAM::Role", "role"), ("AWS::Logs::LogGroup", LOG),
        ), StackName=ID)
        self.expect("cloudformation", "delete_stack", {}, StackName=ID)
        self.expect("cloudformation", "describe_stacks", described("DELETE_COMPLETE"), StackName=ID)
        self.expect("sqs", "delete_queue", {}, QueueUrl=QUEUE)
        self.expect("logs", "delete_log_group", {}, logGroupName=LOG)
        self.run_with(remove, lambda: remove.remove(NAME, REGION), typed=NAME)
        self.assertIn(QUEUE, self.said.getvalue())

    def test_what_cannot_be_deleted_keeps_nothing_else_and_is_named(self):
        self.expect("cloudformation", "describe_stacks", described(), StackName=NAME)
        self.expect("cloudformation", "list_stack_resources", listed(("AWS::SQS::Queue", QUEUE), ("AWS::Logs::LogGroup", LOG)), StackName=ID)
        self.expect("cloudformation", "delete_stack", {}, StackName=ID)
        self.expect("cloudformation", "describe_stacks", described("DELETE_COMPLETE"), StackName=ID)
        self.stubs["sqs"].add_client_error("delete_queue", "AccessDenied", expected_params={"QueueUrl": QUEUE})
        self.expect("logs", "delete_log_group", {}, logGroupName=LOG)
        with self.assertRaisesRegex(SystemExit, f"{QUEUE} is still there: .*AccessDenied(.|\n)*the same command tries again"):
            self.run_with(remove, lambda: remove.remove(NAME, REGION), typed=NAME)
        for stub in self.stubs.values():
            stub.assert_no_pending_responses()

    def test_a_second_run_finishes_what_the_first_could_not(self):
        self.stubs["cloudformation"].add_client_error("describe_stacks", "ValidationError", MISSING, expected_params={"StackName": NAME})
        later = WHEN + datetime.timedelta(days=1)
        self.expect("cloudformation", "list_stacks", {"StackSummaries": [
            deleted(NAME, ID + "0", WHEN), deleted(NAME, ID, later), deleted("another", ID + "2", later + datetime.timedelta(days=1)),
        ]}, StackStatusFilter=["DELETE_COMPLETE"])
        self.expect("cloudformation", "list_stack_resources", listed(
            ("AWS::SQS::Queue", QUEUE), ("AWS::Logs::LogGroup", LOG), status="DELETE_SKIPPED",
        ), StackName=ID)
        self.expect("sqs", "delete_queue", {}, QueueUrl=QUEUE)
        self.stubs["logs"].add_client_error("delete_log_group", "ResourceNotFoundException", expected_params={"logGroupName": LOG})
        self.run_with(remove, lambda: remove.remove(NAME, REGION), typed=NAME)
        self.assertIn(f"{NAME} is gone", self.said.getvalue())

    def test_a_stack_that_never_was_is_told(self):
        self.stubs["cloudformation"].add_client_error("describe_stacks", "ValidationError", MISSING, expected_params={"StackName": NAME})
        self.expect("cloudformation", "list_stacks", {"StackSummaries": []}, StackStatusFilter=["DELETE_COMPLETE"])
        with self.assertRaisesRegex(SystemExit, "there is no device-association-dev"):
            self.run_with(remove, lambda: remove.remove(NAME, REGION), typed=NAME)

    def test_a_refused_look_is_not_taken_for_a_missing_stack(self):
        self.stubs["cloudformation"].add_client_error("describe_stacks", "AccessDenied", expected_params={"StackName": NAME})
        with self.assertRaisesRegex(ClientError, "AccessDenied"):
            self.run_with(remove, lambda: remove.remove(NAME, REGION), typed=NAME)

    def test_a_protected_stack_stays(self):
        self.expect("cloudformation", "describe_stacks", described(protected=True), StackName=NAME)
        with self.assertRaisesRegex(SystemExit, "is protected against deletion"):
            self.run_with(remove, lambda: remove.remove(NAME, REGION), typed=NAME)

    def test_nothing_goes_until_its_name_is_typed(self):
        self.expect("cloudformation", "describe_stacks", described(), StackName=NAME)
        self.expect("cloudformation", "list_stack_resources", listed(("AWS::SQS::Queue", QUEUE)), StackName=ID)
        with self.assertRaisesRegex(SystemExit, "nothing was done"):
            self.run_with(remove, lambda: remove.remove(NAME, REGION), typed="yes")

    def test_what_stands_is_protected(self):
        self.expect("cloudformation", "describe_stacks", described(), StackName=NAME)
        self.expect("cloudformation", "update_termination_protection", {"StackId": ID}, StackName=NAME, EnableTerminationProtection=True)
        self.run_with(protect, lambda: protect.protect(NAME, REGION))

    def test_a_stack_that_was_only_looked_at_is_not_called_protected(self):
        self.expect("cloudformation", "describe_stacks", described("REVIEW_IN_PROGRESS"), StackName=NAME)
        with self.assertRaisesRegex(SystemExit, "has not been deployed yet"):
            self.run_with(protect, lambda: protect.protect(NAME, REGION))

    def test_every_environment_names_a_stack_and_a_region(self):
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(answers, "ROOT", pathlib.Path(folder)):
            self.assertEqual(len({stack.stack_of(name) for name in answers.environments()}), 3)


if __name__ == "__main__":
    unittest.main()
