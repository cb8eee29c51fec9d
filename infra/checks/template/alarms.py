"""Rules of the alarms: what must have one, what each must say, and where the runbook explains it."""

from subject import RUNBOOK, strings

TELL = {"Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]}


def alarms(subject):
    return subject.of_type("AWS::CloudWatch::Alarm")


def watches(subject, namespace, metric, dimension):
    """Whether an alarm looks at this metric of this thing."""
    return any(
        properties["Namespace"] == namespace and properties["MetricName"] == metric and properties.get("Dimensions") == [dimension]
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
        properties["MetricName"] == "Swept" and properties["ComparisonOperator"] == "LessThanThreshold"
        and properties.get("TreatMissingData") == "breaching"
        for _, properties in alarms(subject)
    ):
        yield "an alarm must take missing values of Swept for a breach: without sweeps lost messages are never taken up"


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
    every_function_is_watched, dead_letters_are_watched, the_sweep_has_a_heartbeat, silence_has_a_meaning, alarms_reach_somebody,
    alarms_say_where_to_read_on, the_runbook_knows_every_alarm, the_dashboard_shows_every_alarm,
]
