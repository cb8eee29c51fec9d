"""Rules of what the functions may do: no more than each needs, and each with a role of its own."""

import re

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
    """What an action, resource or principal is in text; None where it is written in a form that could stand for anything."""
    if isinstance(value, str):
        return value
    match value:
        case {"Ref": str(name)}:
            return f"${{{name}}}"
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return f"${{{name}.{attribute}}}"
        case {"Fn::Sub": str(text)}:
            return text
    return None


def has_wildcard(text):
    """Streams come and go, and AWS names them by this ending only; a log group by name is no wildcard."""
    if ":logs:" in text and ":log-group:" in text:
        text = text.removesuffix(":*")
    return "*" in text or "?" in text


def parameters_that_take_a_star(subject, text):
    """Parameters within a text that somebody could give `*`, and so make a wildcard of it."""
    for name in re.findall(r"\$\{(\w+)\}", text):
        parameter = subject.parameters.get(name)
        if parameter is not None and "AllowedValues" not in parameter and re.match(parameter.get("AllowedPattern", ""), "*"):
            yield name


def meant(statement, member):
    """Each value of a member of a statement; a principal stands below its kind."""
    value = statement.get(member, [])
    if member == "Principal" and isinstance(value, dict):
        return [one for values in value.values() for one in listed(values)]
    return listed(value)


def log_arn(subject, function):
    """The streams of the log group that a function logs into, as policies name them; None where it has none of this template."""
    group = function.get("LoggingConfig", {}).get("LogGroup", {}).get("Ref")
    name = said(subject.resources.get(group, {}).get("Properties", {}).get("LogGroupName", {}))
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:{name}:*"} if name else None


def functions_by_role(subject):
    """The functions that have a role of this template, by its name."""
    return {
        properties["Role"]["Fn::GetAtt"][0]: properties for _, properties in subject.functions() if "Fn::GetAtt" in properties.get("Role", {})
    }


def nothing_is_allowed_by_wildcard(subject):
    """A Deny may be wide: it only takes away."""
    for name, statement in statements(subject):
        if statement["Effect"] != "Allow":
            continue
        for member in ("NotAction", "NotResource", "NotPrincipal"):
            if member in statement:
                yield f"{name} allows everything but {member}"
        for member in ("Action", "Resource", "Principal"):
            for value in meant(statement, member):
                text = said(value)
                if text is None:
                    yield f"{name} allows a {member} in a form that could stand for anything: it must be a text, !Ref, !GetAtt or !Sub with a text"
                elif has_wildcard(text):
                    yield f"{name} allows the {member} {text}: it must name what it means"
                else:
                    for parameter in parameters_that_take_a_star(subject, text):
                        yield f"{name} allows the {member} {text}, and {parameter} may be *: its AllowedPattern must refuse that"


def roles_are_taken_by_lambda_alone(subject):
    alone = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    for name, properties in roles(subject):
        if listed(properties.get("AssumeRolePolicyDocument", {}).get("Statement", [])) != [alone]:
            yield f"{name}.AssumeRolePolicyDocument must let lambda.amazonaws.com take the role, and nobody else"


def policies_of_others_are_for_the_vpc_only(subject):
    """A managed policy can grow without anybody here noticing. The one of the VPC is needed: what it allows has no narrower form."""
    for name, properties in roles(subject):
        managed = properties.get("ManagedPolicyArns")
        if managed not in (None, {"Fn::If": ["HasVpc", [VPC_POLICY], NOTHING]}):
            yield f"{name}.ManagedPolicyArns may be AWSLambdaVPCAccessExecutionRole on the condition HasVpc, and nothing else"


def taken_back(subject, function):
    """The statements that leave a function's code nothing of AWS's policy for the VPC but its own log."""
    name = said(function.get("FunctionName", {}))
    return [
        {
            "Effect": "Deny",
            "Action": [
                "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
                "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses",
            ],
            "Resource": "*",
            "Condition": {"ArnEquals": {"lambda:SourceFunctionArn": {
                "Fn::Sub": f"arn:${{AWS::Partition}}:lambda:${{AWS::Region}}:${{AWS::AccountId}}:function:{name}"}}},
        },
        {
            "Effect": "Deny",
            "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            "NotResource": log_arn(subject, function),
        },
    ]


def what_the_vpc_policy_gives_too_much_is_taken_back(subject):
    """Word for word: without its condition the first would cut the function off, with another's name it would do nothing."""
    functions = functions_by_role(subject)
    for name, properties in roles(subject):
        if "ManagedPolicyArns" not in properties or name not in functions:
            continue
        denied = [
            policy["Fn::If"][1]["PolicyDocument"]["Statement"] for policy in properties.get("Policies", [])
            if policy.get("Fn::If", [None])[0] == "HasVpc"
        ]
        if log_arn(subject, functions[name]) is not None and denied != [taken_back(subject, functions[name])]:
            yield f"{name} must deny to its function's code, word for word as infra/checks/template/rights.py has it, what AWS's policy for the VPC allows everywhere"


def functions_write_their_own_log_alone(subject):
    functions = functions_by_role(subject)
    for name, statement in statements(subject):
        if statement["Effect"] != "Allow" or not any((said(action) or "").startswith("logs:") for action in meant(statement, "Action")):
            continue
        own = log_arn(subject, functions.get(name, {}))
        texts = [said(resource) for resource in meant(statement, "Resource")]
        if own is None or any(text is None or has_wildcard(text) for text in texts):
            continue  # another rule tells
        if statement.get("Resource") != own:
            yield f"{name} must be allowed to write into the log group of its own function, and into no other"


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
        if not re.fullmatch(r"[a-z0-9.-]+\.amazonaws\.com", str(properties.get("Principal"))):
            yield f"{name}.Principal must be one service of AWS, by its name"
        # Up to its first star, if it has one, it must have named something of this template.
        source = (said(properties.get("SourceArn", {})) or "").split("*")[0]
        if not any(of_ours in subject.resources for of_ours in re.findall(r"\$\{(\w+)(?:\.\w+)?\}", source)):
            yield f"{name}.SourceArn must name something of this template: the principal alone is that service in every account"


def functions_have_no_address_of_their_own(subject):
    """A function's own address would go around the gateway: its authorizer, its throttling, its log."""
    for name, properties in subject.functions():
        if "FunctionUrlConfig" in properties:
            yield f"{name}.FunctionUrlConfig must not be there: requests come through the HTTP API"


def keys_are_used_through_their_service(subject):
    """Right on a key is right on whatever it encrypts, so it is bound to the service whose data it is needed for."""
    for name, statement in statements(subject):
        if any((said(action) or "").startswith("kms:") for action in meant(statement, "Action")):
            if "kms:ViaService" not in statement.get("Condition", {}).get("StringEquals", {}):
                yield f"{name} may use a key without kms:ViaService: also for what is no business of the function"


RULES = [
    nothing_is_allowed_by_wildcard, roles_are_taken_by_lambda_alone, policies_of_others_are_for_the_vpc_only,
    what_the_vpc_policy_gives_too_much_is_taken_back, functions_write_their_own_log_alone, a_role_serves_one_function,
    permissions_name_who_calls, functions_have_no_address_of_their_own, keys_are_used_through_their_service,
]
