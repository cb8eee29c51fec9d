"""The stack of an environment as samconfig.toml names it, and a client of CloudFormation for its region."""

import pathlib

import boto3
import tomlkit

CONFIGURATION = pathlib.Path(__file__).resolve().parents[2] / "samconfig.toml"


def stack_of(environment):
    """The name of the stack and its region; `sam deploy --guided` keeps here what was answered, the region for all its commands."""
    commands = tomlkit.parse(CONFIGURATION.read_text(encoding="utf-8"))[environment]
    said = {**commands.get("global", {}).get("parameters", {}), **commands["deploy"]["parameters"]}
    return str(said["stack_name"]), str(said["region"])


def client(service, region):
    return boto3.client(service, region_name=region)
