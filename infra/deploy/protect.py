"""Protects the stack of an environment against deletion. `sam deploy` has no option for it.

Usage: protect.py ENVIRONMENT. To take it away again, on purpose and by hand:
aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name NAME
"""

import sys

from botocore.exceptions import BotoCoreError, ClientError

from stack import client, stack_of


def protect(name, region):
    cloudformation = client("cloudformation", region)
    if cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] == "REVIEW_IN_PROGRESS":
        sys.exit(f"{name} in {region} is not protected against deletion: it has not been deployed yet")
    cloudformation.update_termination_protection(StackName=name, EnableTerminationProtection=True)
    print(f"{name} in {region} is protected against deletion")


def main():
    name, region = stack_of(sys.argv[1])
    try:
        protect(name, region)
    except (BotoCoreError, ClientError) as error:
        sys.exit(f"{name} in {region} is not protected against deletion: {error}")


if __name__ == "__main__":
    main()
