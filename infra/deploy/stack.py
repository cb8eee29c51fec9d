"""The stack of an environment as its configuration names it, and a client of CloudFormation for its region."""

import boto3

import answers


def stack_of(environment):
    """The name of the stack and its region; `sam deploy --guided` keeps here what was answered, the region for all its commands."""
    commands = answers.commands_of(environment)
    said = {**commands.get("global", {}).get("parameters", {}), **commands["deploy"]["parameters"]}
    return str(said["stack_name"]), str(said["region"])


def client(service, region):
    return boto3.client(service, region_name=region)
