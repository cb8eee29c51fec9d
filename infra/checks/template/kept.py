"""Rules of what holds data: queues and logs outlive their stack, are encrypted, and logs end some day."""

NOTHING = {"Ref": "AWS::NoValue"}
KEY = {"Fn::If": ["HasKey", {"Ref": "KmsKeyArn"}, NOTHING]}


def what_holds_data_is_kept(subject):
    for name, resource in subject.resources.items():
        if resource["Type"] not in ("AWS::SQS::Queue", "AWS::Logs::LogGroup"):
            continue
        if resource.get("DeletionPolicy") not in ("Retain", "RetainExceptOnCreate"):
            yield f"{name}.DeletionPolicy must be RetainExceptOnCreate: what it holds goes with the stack otherwise"
        if resource.get("UpdateReplacePolicy") != "Retain":
            yield f"{name}.UpdateReplacePolicy must be Retain: a new name would delete what the old one holds"


def queues_are_encrypted(subject):
    for name, properties in subject.of_type("AWS::SQS::Queue"):
        if properties.get("SqsManagedSseEnabled") != {"Fn::If": ["HasKey", NOTHING, True]} or properties.get("KmsMasterKeyId") != KEY:
            yield f"{name} must be encrypted: by KmsKeyArn on the condition HasKey, else by SQS"


def logs_are_encrypted(subject):
    for name, properties in subject.of_type("AWS::Logs::LogGroup"):
        if properties.get("KmsKeyId") != KEY:
            yield f"{name} must take KmsKeyArn on the condition HasKey; without one CloudWatch encrypts by itself"


def logs_end_some_day(subject):
    for name, properties in subject.of_type("AWS::Logs::LogGroup"):
        if "RetentionInDays" not in properties:
            yield f"{name} must say RetentionInDays: it would grow for ever"


def logs_are_of_this_template(subject):
    """A log group that Lambda makes by itself is kept for ever and belongs to no stack."""
    groups = [name for name, _ in subject.of_type("AWS::Logs::LogGroup")]
    for name, properties in subject.functions():
        if properties.get("LoggingConfig", {}).get("LogGroup", {}).get("Ref") not in groups:
            yield f"{name} must log into a log group of this template (LoggingConfig)"


def logs_are_named_by_the_stack(subject):
    """A log group outlives its function: under a function's name it would stand in the way of the next function of that name."""
    for name, properties in subject.of_type("AWS::Logs::LogGroup"):
        text = properties.get("LogGroupName", {})
        text = text.get("Fn::Sub", "") if isinstance(text, dict) else ""
        if not isinstance(text, str) or "${AWS::StackName}" not in text or "FunctionName}" in text:
            yield f"{name}.LogGroupName must be made of the stack's name, and not of a function's"


RULES = [
    what_holds_data_is_kept, queues_are_encrypted, logs_are_encrypted, logs_end_some_day, logs_are_of_this_template,
    logs_are_named_by_the_stack,
]
