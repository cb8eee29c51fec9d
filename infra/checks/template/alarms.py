"""Rules of the alarms: what must have one, what each must say, and where the runbook explains it."""

from subject import RUNBOOK, strings

# How an alarm of each metric may look at it, and how high its threshold may be: beyond that it would never be raised.
LOOKS = {
    "Errors": (("Sum",), 5),
    "Throttles": (("Sum",), 5),
    "ApproximateNumberOfMessagesVisible": (("Maximum", "Sum"), 0),
    "ApproximateAgeOfOldestMessage": (("Maximum",), 1_209_600),
    "Duration": (("Maximum", "p99"), 119_999),
    "5xx": (("Sum",), 100),
    "DevicesFailed": (("Sum",), 1_000),
    "ChangesInReview": (("Maximum", "Minimum"), 0),
    "AccountsStopped": (("Maximum", "Minimum"), 0),
    "AccountsPaused": (("Maximum", "Minimum"), 0),
    "BudgetUsed": (("Maximum",), 99),
    "OutboxAge": (("Maximum", "Minimum"), 3_600),
    "BulkChangesNotFinished": (("Maximum", "Minimum"), 0),
}
RISES = ("GreaterThanThreshold", "GreaterThanOrEqualToThreshold")
TELL = {"Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]}


def alarms(subject):
    return subject.of_type("AWS::CloudWatch::Alarm")


def watches(subject, namespace, metric, dimension):
    """Whether an alarm looks at this metric of this thing."""
    return any(
        properties.get("Namespace") == namespace and properties.get("MetricName") == metric and properties.get("Dimensions") == [dimension]
        for _, properties in alarms(subject)
    )


def every_function_is_watched(subject):
    for name, _ in subject.functions():
        for metric in ("Errors", "Throttles"):
            if not watches(subject, "AWS/Lambda", metric, {"Name": "FunctionName", "Value": {"Ref": name}}):
                yield f"{name} has no alarm of its {metric}"


def dead_letters_are_watched(subject):
    for name, properties in subject.of_type("AWS::SQS::Queue"):
        target = properties.get("RedrivePolicy", {}).get("deadLetterTargetArn")
        if target is None:
            continue
        dead = target["Fn::GetAtt"][0]
        if not watches(
            subject, "AWS/SQS", "ApproximateNumberOfMessagesVisible",
            {"Name": "QueueName", "Value": {"Fn::GetAtt": [dead, "QueueName"]}},
        ):
            yield f"{dead}, where {name} puts what it gives up, has no alarm of its messages"


def the_sweep_has_a_heartbeat(subject):
    """What counts nothing while it stands still can be noticed by its silence only."""
    if not any(
        properties.get("MetricName") == "Swept" and properties.get("ComparisonOperator") == "LessThanThreshold"
        and properties.get("TreatMissingData") == "breaching" and properties.get("Statistic") == "Sum" and properties.get("Threshold") == 1
        and properties.get("DatapointsToAlarm", 0) > 1 and properties.get("Period", 0) * properties.get("EvaluationPeriods", 0) <= 600
        for _, properties in alarms(subject)
    ):
        yield "an alarm must take missing values of Swept for a breach, several and within ten minutes: without sweeps lost messages are never taken up"


def threshold(subject, properties):
    """The number; of a parameter its default, beyond which whoever deploys may go."""
    value = properties.get("Threshold")
    return subject.parameters.get(value.get("Ref"), {}).get("Default") if isinstance(value, dict) else value


def longest_duration(subject, properties):
    """What a function's Duration can reach, in milliseconds."""
    for dimension in properties.get("Dimensions", []):
        function = subject.resources.get(dimension["Value"].get("Ref") if isinstance(dimension["Value"], dict) else None, {})
        timeout = function.get("Properties", {}).get("Timeout")
        if isinstance(timeout, int):
            return timeout * 1_000 - 1
    return 0


def alarms_can_be_raised(subject):
    sent = subject.metrics()
    for name, properties in alarms(subject):
        if properties.get("ActionsEnabled", True) is not True:
            yield f"{name}.ActionsEnabled must not be switched off: the alarm would tell nobody"
        metric = properties.get("MetricName")
        if metric is None:
            yield f"{name} must look at one metric by its MetricName, which the rules can follow"
        if metric == "Swept" or metric not in LOOKS:
            if metric in sent and metric != "Swept" or str(properties.get("Namespace")).startswith("AWS/"):
                yield f"{name}: infra/checks/template/alarms.py must say how high a threshold of {metric} may be"
            continue
        statistics, highest = LOOKS[metric]
        highest = longest_duration(subject, properties) if metric == "Duration" else highest
        least = threshold(subject, properties)
        if properties.get("ComparisonOperator") not in RISES:
            yield f"{name}.ComparisonOperator must be one of {', '.join(RISES)}: {metric} tells of trouble when it rises"
        elif properties.get("Statistic", properties.get("ExtendedStatistic")) not in statistics:
            yield f"{name} must look at the {' or '.join(statistics)} of {metric}"
        elif not isinstance(least, int | float) or least > highest:
            yield f"{name}.Threshold must be a number, {highest} at most, or the alarm is never raised"
        elif not 1 <= properties.get("DatapointsToAlarm", 0) <= properties.get("EvaluationPeriods", 0):
            yield f"{name}.DatapointsToAlarm must be a number from 1 to EvaluationPeriods"
        elif properties.get("Period", 0) * properties["EvaluationPeriods"] > 3_600:
            yield f"{name} must be raised within an hour (Period x EvaluationPeriods)"


def silence_has_a_meaning(subject):
    for name, properties in alarms(subject):
        if properties.get("TreatMissingData", "missing") == "missing":
            yield f"{name} must say what missing data means (TreatMissingData): INSUFFICIENT_DATA tells nobody anything"


def alarms_reach_somebody(subject):
    for name, properties in alarms(subject):
        for member in ("AlarmActions", "OKActions"):
            if properties.get(member) != TELL:
                yield f"{name}.{member} must be the topic of AlarmTopicArn, on the condition HasAlarmTopic"


def alarms_say_where_to_read_on(subject):
    for name, properties in alarms(subject):
        if not properties.get("AlarmDescription", "").endswith(f" See {RUNBOOK}, Alarms, {name}."):
            yield f"{name}.AlarmDescription must say what it means, and end with: See {RUNBOOK}, Alarms, {name}."


def the_runbook_knows_every_alarm(subject):
    rows, names = subject.runbook_rows(), [name for name, _ in alarms(subject)]
    for name in names:
        if rows.count(name) != 1:
            yield f"{RUNBOOK}, section Alarms, must have one row that begins with `{name}`, and has {rows.count(name)}"
    for row in rows:
        if row not in names:
            yield f"{RUNBOOK}, section Alarms, has a row of `{row}`, which is no alarm"


def the_dashboard_shows_every_alarm(subject):
    shown = "\n".join(strings(subject.properties("Dashboard")["DashboardBody"]))
    for name, _ in alarms(subject):
        if f"${{{name}.Arn}}" not in shown:
            yield f"{name} is not on the dashboard"


RULES = [
    every_function_is_watched, dead_letters_are_watched, the_sweep_has_a_heartbeat, alarms_can_be_raised, silence_has_a_meaning, alarms_reach_somebody,
    alarms_say_where_to_read_on, the_runbook_knows_every_alarm, the_dashboard_shows_every_alarm,
]
