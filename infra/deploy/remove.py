"""Takes a stack away with what outlives it: its queues and log groups, which CloudFormation keeps (decision 0191).

Usage: remove.py ENVIRONMENT. Asks for the stack's name first. A protected stack stays as it is. The database is never touched. What could not
be deleted is tried again by the same command: CloudFormation knows for 90 days what a deleted stack had.
"""

import sys

from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from stack import client, stack_of

# What SQS and CloudWatch Logs say of what is gone already.
GONE = {"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist", "ResourceNotFoundException"}
# How each kind that is kept is deleted, by what CloudFormation calls it.
KEPT = {
    "AWS::SQS::Queue": lambda region, name: client("sqs", region).delete_queue(QueueUrl=name),
    "AWS::Logs::LogGroup": lambda region, name: client("logs", region).delete_log_group(logGroupName=name),
}


def standing(cloudformation, name):
    """The stack of this name, or None."""
    try:
        return cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError" and "does not exist" in error.response["Error"]["Message"]:
            return None
        raise


def gone_since(stack):
    # Stand-ins of CloudFormation do not all say when a stack was deleted.
    return stack.get("DeletionTime", stack["CreationTime"])


def last_deleted(cloudformation, name):
    """The stack that had this name last, or None."""
    pages = cloudformation.get_paginator("list_stacks").paginate(StackStatusFilter=["DELETE_COMPLETE"])
    deleted = [stack for page in pages for stack in page["StackSummaries"] if stack["StackName"] == name]
    return max(deleted, key=gone_since, default=None)


def kept_of(cloudformation, stack):
    """Kind and identifier of what outlives a stack. By the stack's id: once it is gone, its name finds it no more."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack["StackId"])
    return [
        (resource["ResourceType"], resource["PhysicalResourceId"])
        for page in pages for resource in page["StackResourceSummaries"]
        if resource["ResourceType"] in KEPT and resource["ResourceStatus"] != "DELETE_COMPLETE" and resource.get("PhysicalResourceId")
    ]


def delete_kept(kept, region):
    """Deletes all that can be deleted; what is left, in words."""
    left = []
    for kind, physical in kept:
        try:
            KEPT[kind](region, physical)
        except (BotoCoreError, ClientError) as error:
            if not isinstance(error, ClientError) or error.response["Error"]["Code"] not in GONE:
                left.append(f"{physical} is still there: {error}")
    return left


def remove(name, region):
    cloudformation = client("cloudformation", region)
    stack = standing(cloudformation, name)
    if stack is not None and stack.get("EnableTerminationProtection"):
        sys.exit(f"{name} in {region} is protected against deletion, and stays as it is")
    of = stack or last_deleted(cloudformation, name)
    if of is None:
        sys.exit(f"there is no {name} in {region}, and none was deleted in the last 90 days")
    kept = kept_of(cloudformation, of)
    if stack is None and not kept:
        sys.exit(f"{name} in {region} was deleted, and nothing is left of it that CloudFormation knows of")
    if stack is not None:
        print(f"{name} in {region} goes, with its messages and logs:")
    else:
        print(f"{name} in {region} was deleted on {gone_since(of):%Y-%m-%d %H:%M} UTC. What is left of this goes:")
    for _, physical in kept:
        print(f"  {physical}")
    if input("Type the stack's name to go on: ").strip() != name:
        sys.exit("nothing was done")
    if stack is not None:
        cloudformation.delete_stack(StackName=stack["StackId"])
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack["StackId"], WaiterConfig={"Delay": 5, "MaxAttempts": 360})
    left = delete_kept(kept, region)
    if left:
        sys.exit("\n".join([*left, "the same command tries again"]))
    print(f"{name} is gone")


def main():
    name, region = stack_of(sys.argv[1])
    try:
        remove(name, region)
    except (BotoCoreError, ClientError, WaiterError) as error:
        sys.exit(f"{name} in {region}: {error}")


if __name__ == "__main__":
    main()
