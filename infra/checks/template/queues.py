"""Rules between the numbers of the queue, its dead letters and what polls it."""

DAY = 86_400
# What SQS takes where a queue does not say.
UNSAID = {"VisibilityTimeout": 30, "MessageRetentionPeriod": 4 * DAY}


def parts(subject):
    return (subject.properties(name) for name in ("Consumer", "BulkChangeQueue", "BulkChangeDeadLetters", "ConsumerEvents"))


def number(queue, member):
    return queue.get(member, UNSAID[member])


def visibility_outlasts_the_work(subject):
    consumer, queue, _, mapping = parts(subject)
    lowest = 6 * consumer["Timeout"] + mapping.get("MaximumBatchingWindowInSeconds", 0)
    if number(queue, "VisibilityTimeout") < lowest:
        yield (f"BulkChangeQueue.VisibilityTimeout is {number(queue, 'VisibilityTimeout')} s: it must be at least {lowest} s, six times "
               "the consumer's timeout plus the window, or a message comes back while it is still worked on")


def dead_letters_outlive_the_queue(subject):
    _, queue, dead, _ = parts(subject)
    if number(dead, "MessageRetentionPeriod") <= number(queue, "MessageRetentionPeriod"):
        yield ("BulkChangeDeadLetters.MessageRetentionPeriod must be longer than the queue's: a message keeps the age that it had "
               "when it moves over")


def dead_letters_are_told_of_in_time(subject):
    """CloudWatch counts the age of a dead letter from its move, SQS from when it was first sent."""
    _, queue, dead, _ = parts(subject)
    latest = number(dead, "MessageRetentionPeriod") - number(queue, "MessageRetentionPeriod") - 2 * DAY
    alarm = subject.properties("DeadLettersExpire")
    if alarm["Threshold"] + alarm["Period"] > max(latest, 0):
        yield (f"DeadLettersExpire.Threshold must be at most {latest} s with its period, so that two days are left: what came over after "
               "the queue's whole retention has that much less of its own")


def tries_are_enough(subject):
    _, queue, _, _ = parts(subject)
    if queue.get("RedrivePolicy", {}).get("maxReceiveCount", 0) < 20:
        yield ("BulkChangeQueue.RedrivePolicy.maxReceiveCount must be at least 20, about four hours: a failover, a maintenance of the "
               "database or throttled polling must not give up the one message that tells of another producer's bulk change")


def every_queue_has_dead_letters(subject):
    """A queue that gives messages up somewhere, or is that somewhere."""
    targets = {
        properties.get("RedrivePolicy", {}).get("deadLetterTargetArn", {}).get("Fn::GetAtt", [None])[0]
        for _, properties in subject.of_type("AWS::SQS::Queue")
    }
    for name, properties in subject.of_type("AWS::SQS::Queue"):
        if name != "BulkChangeQueue" and name not in targets and "RedrivePolicy" not in properties:
            yield f"{name} must have a RedrivePolicy: what nobody can read would come back until it is too old"
        if "MessageRetentionPeriod" not in properties and name != "BulkChangeDeadLetters":
            yield f"{name} must say its MessageRetentionPeriod, which the rules of dead letters count with"


def one_message_fails_alone(subject):
    *_, mapping = parts(subject)
    if mapping.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
        yield "ConsumerEvents.FunctionResponseTypes must be [ReportBatchItemFailures], or one bad message repeats nine good ones"


def work_may_go_round(subject):
    """Lambda takes a function that sends to its own queue for a loop that went wrong, and ends it after 16 rounds."""
    consumer, *_ = parts(subject)
    if consumer.get("RecursiveLoop") != "Allow":
        yield "Consumer.RecursiveLoop must be Allow: it offers the rest of a chunk on its own queue, for as long as the budget takes"


def sweeps_do_not_pile_up(subject):
    """A failed or late sweep is made up for by the next, a minute later."""
    configured = [
        properties for _, properties in subject.of_type("AWS::Lambda::EventInvokeConfig") if properties["FunctionName"] == {"Ref": "Consumer"}
    ]
    if not any(one.get("MaximumRetryAttempts") == 0 and one.get("MaximumEventAgeInSeconds", 21_600) <= 60 for one in configured):
        yield "Consumer must have an AWS::Lambda::EventInvokeConfig without retries and with 60 s: sweeps would pile up for six hours"


def queues_beside_have_one_condition(subject):
    """A queue that is optional is known to the consumer, and may be sent to, on one and the same condition, and nowhere else."""
    variables = subject.properties("Consumer")["Environment"]["Variables"]
    optional = [policy["Fn::If"] for policy in subject.properties("ConsumerRole")["Policies"] if "Fn::If" in policy]
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
        if variable in subject.properties("Intake")["Environment"]["Variables"]:
            yield f"Intake must not know {variable}: the consumer alone sends there"


RULES = [
    visibility_outlasts_the_work, dead_letters_outlive_the_queue, dead_letters_are_told_of_in_time, tries_are_enough,
    every_queue_has_dead_letters,
    one_message_fails_alone, work_may_go_round, sweeps_do_not_pile_up, queues_beside_have_one_condition,
]
