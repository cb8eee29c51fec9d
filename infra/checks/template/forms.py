"""Rules of how things are written: forms that the checkers look into and the local stand-in knows, and checked parameters."""

CHECKS = ("AllowedPattern", "AllowedValues", "MinLength", "MinValue")
NOT_NATIVE = ("AWS::Serverless::HttpApi", "AWS::Serverless::Api")
# What the rules of this folder know. What is new has rights, addresses or data of its own that somebody must have thought of.
KINDS = {
    "AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Authorizer", "AWS::ApiGatewayV2::Integration", "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Stage", "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard", "AWS::Events::Rule", "AWS::IAM::Role",
    "AWS::Lambda::EventInvokeConfig", "AWS::Lambda::EventSourceMapping", "AWS::Lambda::Permission", "AWS::Logs::LogGroup",
    "AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "AWS::Serverless::Function",
}


def resources_are_of_known_kinds(subject):
    for name, resource in subject.resources.items():
        kind = resource["Type"]
        if kind not in KINDS and kind not in NOT_NATIVE:
            yield (f"{name} is an {kind}, which the rules do not know: see what it opens, write a rule for that, and add it to "
                   "infra/checks/template/forms.py")


def globals_say_little(subject):
    """What SAM lays over every function from there is not seen by rules that look at the function."""
    for kind, properties in subject.template.get("Globals", {}).items():
        for member in properties:
            if kind != "Function" or member not in ("Runtime", "Handler", "Architectures", "Environment"):
                yield f"Globals.{kind}.{member} must stand at the resource itself, where the rules look"


def apis_are_native(subject):
    for name, _ in subject.of_type(*NOT_NATIVE):
        yield f"{name} must be an AWS::ApiGatewayV2::Api: the local stand-in drops the routes of this form without a word"


def events_are_resources(subject):
    for name, properties in subject.functions():
        for event, source in properties.get("Events", {}).items():
            yield f"{name}.Events.{event} ({source['Type']}) must be a resource of its own, which template checkers look into"


def parameters_are_checked(subject):
    """A wrong value ends the deployment before anything is made, in words that say what is wanted."""
    for name, parameter in subject.parameters.items():
        if not any(check in parameter for check in CHECKS):
            yield f"{name} must be checked ({', '.join(CHECKS)})"
        elif "AllowedPattern" in parameter and "ConstraintDescription" not in parameter:
            yield f"{name} must say in words what its AllowedPattern wants (ConstraintDescription)"


def names_of_a_stack_can_be_chosen(subject):
    """Two stacks stand side by side in one account when nothing but parameters and the stack's own name makes a name."""
    for name, resource in subject.resources.items():
        for member in ("FunctionName", "QueueName", "LogGroupName", "DashboardName", "RoleName", "AlarmName", "TopicName"):
            if isinstance(resource.get("Properties", {}).get(member), str):
                yield f"{name}.{member} must come from a parameter or the stack's name: a second stack could not be made"


RULES = [
    resources_are_of_known_kinds, globals_say_little, apis_are_native, events_are_resources, parameters_are_checked, names_of_a_stack_can_be_chosen,
]
