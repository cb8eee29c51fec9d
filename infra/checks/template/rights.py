"""Rules of what the functions may do: no more than each needs, and each with a role of its own."""

from subject import listed

VPC_POLICY = {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"}
NOTHING = {"Ref": "AWS::NoValue"}


def roles(subject):
    return subject.of_type("AWS::IAM::Role")


def statements(subject):
    """The role, and each statement of its policies, those on a condition included."""
    for name, properties in roles(subject):
        for policy in properties.get("Policies", []):
            for one in policy["Fn::If"][1:] if "Fn::If" in policy else [policy]:
                if one != NOTHING:
                    for statement in listed(one["PolicyDocument"]["Statement"]):
                        yield name, statement
    for name, properties in subject.of_type("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::SQS::QueuePolicy"):
        for statement in listed(properties["PolicyDocument"]["Statement"]):
            yield name, statement


def said(value):
    """What an action or resource is in text; a reference to something is that one thing."""
    if isinstance(value, str):
        return value
    return value.get("Fn::Sub", "") if isinstance(value.get("Fn::Sub", ""), str) else value["Fn::Sub"][0]


def has_wildcard(text):
    """Streams come and go, and AWS names them by this ending only; a log group by name is no wildcard."""
    if ":logs:" in text and ":log-group:" in text:
        text = text.removesuffix(":*")
    return "*" in text or "?" in text


def nothing_is_allowed_by_wildcard(subject):
    """A Deny may be wide: it only takes away."""
    for name, statement in statements(subject):
        if statement["Effect"] != "Allow":
            continue
        for member in ("NotAction", "NotResource", "NotPrincipal"):
            if member in statement:
                yield f"{name} allows everything but {member}"
        for member in ("Action", "Resource", "Principal"):
            values = listed(statement.get(member, []))
            for value in values:
                if has_wildcard(said(value)):
                    yield f"{name} allows the {member} {said(value)}: it must name what it means"


def policies_of_others_are_for_the_vpc_only(subject):
    """A managed policy can grow without anybody here noticing. The one of the VPC is needed: what it allows has no narrower form."""
    for name, properties in roles(subject):
        managed = properties.get("ManagedPolicyArns")
        if managed not in (None, {"Fn::If": ["HasVpc", [VPC_POLICY], NOTHING]}):
            yield f"{name}.ManagedPolicyArns may be AWSLambdaVPCAccessExecutionRole on the condition HasVpc, and nothing else"


def what_the_vpc_policy_gives_too_much_is_taken_back(subject):
    for name, properties in roles(subject):
        if "ManagedPolicyArns" not in properties:
            continue
        denied = [
            policy["Fn::If"][1]["PolicyDocument"]["Statement"] for policy in properties["Policies"]
            if policy.get("Fn::If", [None])[0] == "HasVpc"
        ]
        actions = {action for some in denied for statement in some if statement["Effect"] == "Deny" for action in statement["Action"]}
        for needed in ("ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces", "logs:PutLogEvents"):
            if needed not in actions:
                yield f"{name} must deny {needed} to the function's code: AWS's policy for the VPC allows it everywhere"


def a_role_serves_one_function(subject):
    used = {}
    for name, properties in subject.functions():
        role = properties.get("Role", {}).get("Fn::GetAtt", [None])[0]
        if role is None:
            yield f"{name} must have a role of this template, which says what it may do"
        elif role in used:
            yield f"{name} and {used[role]} have one role: each must have its own"
        else:
            used[role] = name


def permissions_name_who_calls(subject):
    for name, properties in subject.of_type("AWS::Lambda::Permission"):
        if "SourceArn" not in properties:
            yield f"{name} must name its SourceArn: the principal alone is that service in every account"


def keys_are_used_through_their_service(subject):
    """Right on a key is right on whatever it encrypts, so it is bound to the service whose data it is needed for."""
    for name, statement in statements(subject):
        if any(said(action).startswith("kms:") for action in listed(statement["Action"])):
            if "kms:ViaService" not in statement.get("Condition", {}).get("StringEquals", {}):
                yield f"{name} may use a key without kms:ViaService: also for what is no business of the function"


RULES = [
    nothing_is_allowed_by_wildcard, policies_of_others_are_for_the_vpc_only, what_the_vpc_policy_gives_too_much_is_taken_back,
    a_role_serves_one_function, permissions_name_who_calls, keys_are_used_through_their_service,
]
