"""Takes a stack away with what outlives it: its queues and log groups, which CloudFormation keeps (decision 0191).

Usage: remove.py ENVIRONMENT. Asks for the stack's name first. A protected stack stays as it is. The database is never touched.
"""

import sys

from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from stack import client, stack_of

# How each kind that is kept is deleted, by what CloudFormation calls it.
KEPT = {
    "AWS::SQS::Queue": lambda region, name: client("sqs", region).delete_queue(QueueUrl=name),
    "AWS::Logs::LogGroup": lambda region, name: client("logs", region).delete_log_group(logGroupName=name),
}


def remove(name, region):
    cloudformation = client("cloudformation", region)
    stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    if stack.get("EnableTerminationProtection"):
        sys.exit(f"{name} in {region} is protected against deletion, and stays as it is")
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    kept = [
        (resource["ResourceType"], resource["PhysicalResourceId"])
        for page in pages for resource in page["StackResourceSummaries"] if resource["ResourceType"] in KEPT
    ]
    print(f"{name} in {region} goes, with its messages and logs:")
    for _, physical in kept:
        print(f"  {physical}")
    if input("Type the stack's name to go on: ").strip() != name:
        sys.exit("nothing was done")
    # By its id: once it is gone, its name finds it no more.
    cloudformation.delete_stack(StackName=stack["StackId"])
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack["StackId"], WaiterConfig={"Delay": 5, "MaxAttempts": 360})
    for kind, physical in kept:
        KEPT[kind](region, physical)
    print(f"{name} is gone")


def main():
    name, region = stack_of(sys.argv[1])
    try:
        remove(name, region)
    except (BotoCoreError, ClientError, WaiterError) as error:
        sys.exit(f"{name} in {region}: {error}")


if __name__ == "__main__":
    main()
