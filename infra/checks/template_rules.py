"""Rules between the numbers of template.yaml that no template checker knows.

Usage: template_rules.py template.yaml. Prints a line for each broken rule; exit code 1 when there is one.
"""

import sys

from cfnlint.decode import cfn_yaml


# What the gateway lets through without a token: pages, what they are made of, and what tells nothing about anybody. Paths that are
# a page to a browser give data to a program, and the function itself asks for the token then.
OPEN_ROUTES = {
    "GET /", "GET /M2M/Index", "GET /M2M/AssociateCustomer", "GET /M2M/BulkChanges", "GET /M2M/DeviceDetails/{deviceId}",
    "GET /M2M/SignIn", "GET /assets/{hash}/{path+}", "GET /openapi.json", "GET /healthz", "GET /healthz/ready",
}


def broken_rules(resources):
    def properties(name):
        return resources[name]["Properties"]

    consumer, queue, dead, mapping = (
        properties(name) for name in ("Consumer", "BulkChangeQueue", "BulkChangeDeadLetters", "ConsumerEvents")
    )
    window = mapping.get("MaximumBatchingWindowInSeconds", 0)
    lowest = 6 * consumer["Timeout"] + window
    if queue["VisibilityTimeout"] < lowest:
        yield (f"BulkChangeQueue.VisibilityTimeout is {queue['VisibilityTimeout']} s: it must be at least {lowest} s, six times "
               "the consumer's timeout plus the window, or a message comes back while it is still worked on")
    if dead["MessageRetentionPeriod"] <= queue["MessageRetentionPeriod"]:
        yield ("BulkChangeDeadLetters.MessageRetentionPeriod must be longer than the queue's: a message keeps the age that it had "
               "when it moves over")
    if queue["RedrivePolicy"]["maxReceiveCount"] < 5:
        yield "BulkChangeQueue.RedrivePolicy.maxReceiveCount must be at least 5: polling itself uses up tries while throttled"
    if mapping.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
        yield "ConsumerEvents.FunctionResponseTypes must be [ReportBatchItemFailures], or one bad message repeats nine good ones"
    if not isinstance(mapping["ScalingConfig"]["MaximumConcurrency"], int):
        yield "ConsumerEvents.ScalingConfig.MaximumConcurrency must be a literal number: the local stand-in reads parameters as text"
    if properties("Intake")["Timeout"] >= 30:
        yield "Intake.Timeout must be below 30 s, after which an HTTP API has given up"
    yield from broken_rules_of_queues_beside(properties)
    yield from broken_rules_of_open_routes(resources)
    for name, resource in resources.items():
        if resource["Type"] in ("AWS::Serverless::HttpApi", "AWS::Serverless::Api"):
            yield f"{name} must be an AWS::ApiGatewayV2::Api: the local stand-in drops the routes of this form without a word"
        for event, source in resource.get("Properties", {}).get("Events", {}).items():
            yield f"{name}.Events.{event} ({source['Type']}) must be a resource of its own, which template checkers look into"


def broken_rules_of_open_routes(resources):
    """A route is open by name, or asks for a token whenever there is an authorizer."""
    guarded = {
        "AuthorizationType": {"Fn::If": ["HasAuthorizer", "JWT", "NONE"]},
        "AuthorizerId": {"Fn::If": ["HasAuthorizer", {"Ref": "Authorizer"}, {"Ref": "AWS::NoValue"}]},
    }
    for name, resource in resources.items():
        if resource["Type"] != "AWS::ApiGatewayV2::Route":
            continue
        properties = resource["Properties"]
        if properties["RouteKey"] in OPEN_ROUTES:
            if properties.get("AuthorizationType") != "NONE":
                yield f"{name} ({properties['RouteKey']}) must be open: browsers ask for it without a token"
        elif any(properties.get(member) != value for member, value in guarded.items()):
            yield f"{name} ({properties['RouteKey']}) must ask for a token whenever there is an authorizer"


def broken_rules_of_queues_beside(properties):
    """A queue that is optional is known to the consumer, and may be sent to, on one and the same condition, and nowhere else."""
    variables = properties("Consumer")["Environment"]["Variables"]
    optional = [policy["Fn::If"] for policy in properties("ConsumerRole")["Policies"] if "Fn::If" in policy]
    for variable, parameter in (
        ("OTHER_CHANGES_QUEUE_URL", "OtherChanges"), ("CARRIER_CHANGES_QUEUE_URL", "CarrierChanges"),
    ):
        condition, arn = f"Has{parameter}", {"Ref": f"{parameter}QueueArn"}
        nothing = {"Ref": "AWS::NoValue"}
        given = variables.get(variable, {}).get("Fn::If", [None, None, None])
        if given[0] != condition or given[2] != nothing:
            yield f"Consumer.{variable} must be set on the condition {condition}, and else be missing"
        allowed = [
            statement
            for on, policy, otherwise in optional
            if on == condition and otherwise == nothing
            for statement in policy["PolicyDocument"]["Statement"]
        ]
        if allowed != [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arn}]:
            yield f"ConsumerRole must allow sqs:SendMessage on {parameter}QueueArn, on the condition {condition}, and nothing else"
        if variable in properties("Intake")["Environment"]["Variables"]:
            yield f"Intake must not know {variable}: the consumer alone sends there"


def main():
    template = cfn_yaml.load(sys.argv[1])
    broken = list(broken_rules(template["Resources"]))
    for rule in broken:
        print(f"{sys.argv[1]}: {rule}")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
