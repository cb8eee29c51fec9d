"""Rules of the metrics that alarms and the dashboard name: an alarm of a metric that nobody sends is never raised."""

import json
import re

from subject import METRICS

NAMESPACE = {"Fn::Sub": "DeviceAssociation/${AWS::StackName}"}
OWN = NAMESPACE["Fn::Sub"]
SEARCH = re.compile(r"""SEARCH\('\{"([^"]+)","(\w+)"\} MetricName="(\w+)"', '\w+', \d+\)""")


def body(subject):
    """The dashboard, with the template's variables left as they are."""
    return json.loads(subject.properties("Dashboard")["DashboardBody"]["Fn::Sub"])


def named(subject):
    """Where, namespace, name and dimensions of each metric that is looked at; without a namespace the name is what cannot be read."""
    for name, properties in subject.of_type("AWS::CloudWatch::Alarm"):
        if "MetricName" not in properties:
            continue  # another rule tells
        namespace = properties.get("Namespace")
        namespace = namespace.get("Fn::Sub") if isinstance(namespace, dict) else namespace
        dimensions = [dimension["Name"] for dimension in properties.get("Dimensions", [])]
        yield name, namespace if isinstance(namespace, str) else None, properties["MetricName"], dimensions
    for widget in body(subject)["widgets"]:
        where = f"Dashboard, {widget['properties']['title']}"
        for metric in widget["properties"].get("metrics", []):
            if isinstance(metric[0], dict):
                expression = metric[0].get("expression", "")
                found = SEARCH.fullmatch(expression)
                if found:
                    namespace, dimension, searched = found.groups()
                    yield where, namespace, searched, [dimension]
                else:
                    yield where, None, expression, []
                continue
            namespace, searched, *rest = [part for part in metric if not isinstance(part, dict)]
            yield where, namespace, searched, rest[::2]


def the_dashboard_can_be_read(subject):
    try:
        widgets = body(subject)["widgets"]
    except (ValueError, KeyError) as error:
        yield f"Dashboard.DashboardBody is no dashboard: {error}"
        return
    places = [(widget["x"], widget["y"]) for widget in widgets]
    if len(set(places)) != len(places) or any(widget["x"] + widget["width"] > 24 for widget in widgets):
        yield "Dashboard.DashboardBody has widgets one upon the other, or beyond its 24 columns"


def metrics_are_sent(subject):
    try:
        looked_at = list(named(subject))
    except ValueError:
        return  # another rule tells
    sent = subject.metrics()
    for where, namespace, name, dimensions in looked_at:
        if namespace is None:
            yield f"{where} names its metric in a way that cannot be read here: {name}"
            continue
        if namespace.startswith("AWS/"):
            continue
        if namespace != OWN:
            yield f"{where} looks into the namespace {namespace}: the functions send to {OWN}"
        elif name not in sent:
            yield f"{where} names the metric {name}, which {METRICS} has not"
        elif dimensions != [dimension for dimension in [sent[name]] if dimension]:
            yield f"{where} looks at {name} by {dimensions or 'nothing'}, and it is sent by {sent[name] or 'nothing'}"


def functions_send_where_alarms_look(subject):
    for name, properties in subject.functions():
        if properties.get("Environment", {}).get("Variables", {}).get("METRICS_NAMESPACE") != NAMESPACE:
            yield f"{name}.METRICS_NAMESPACE must be !Sub {OWN}: each stack has its own metrics, and the alarms look there"


RULES = [the_dashboard_can_be_read, metrics_are_sent, functions_send_where_alarms_look]
