"""Rules between the numbers of template.yaml that no template checker knows.

Usage: template_rules.py template.yaml. Prints a line for each broken rule; exit code 1 when there is one.
"""

import sys

from cfnlint.decode import cfn_yaml


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
    for name, resource in resources.items():
        if resource["Type"] in ("AWS::Serverless::HttpApi", "AWS::Serverless::Api"):
            yield f"{name} must be an AWS::ApiGatewayV2::Api: the local stand-in drops the routes of this form without a word"
        for event, source in resource.get("Properties", {}).get("Events", {}).items():
            yield f"{name}.Events.{event} ({source['Type']}) must be a resource of its own, which template checkers look into"


def main():
    template = cfn_yaml.load(sys.argv[1])
    broken = list(broken_rules(template["Resources"]))
    for rule in broken:
        print(f"{sys.argv[1]}: {rule}")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
