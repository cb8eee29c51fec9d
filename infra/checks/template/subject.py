"""What the rules look at: the template, and the texts of this repository that it must agree with."""

import json
import pathlib
import re

from cfnlint.decode import cfn_yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]

# The numbers that the program has of its own, and where: one number behind each of these words.
NUMBERS = {
    "pool_size": ("crates/central/src/settings.rs", r"pool_size: (\d+),"),
    "checkout_timeout": ("crates/central/src/settings.rs", r"checkout_timeout: Duration::from_secs\((\d+)\)"),
    "calls_in_the_air": ("crates/device-bulk-change/src/consumer.rs", r"calls_in_the_air: (\d+),"),
    "call_timeout": ("crates/device-bulk-change/src/consumer.rs", r"call_timeout: Duration::from_secs\((\d+)\)"),
    "horizon": ("crates/device-bulk-change/src/consumer.rs", r"horizon: Duration::from_secs\((\d+)\)"),
}
RUNBOOK = "docs/OPERATIONS.md"
METRICS = "crates/telemetry/src/metric.rs"


class Subject:
    """A template, as plain data in the long form of every function, and texts by their paths."""

    def __init__(self, template, texts=None):
        self.template = template
        self.texts = texts or {}

    @classmethod
    def read(cls, path):
        return cls(json.loads(json.dumps(cfn_yaml.load(str(path)))))

    def text(self, path):
        if path not in self.texts:
            self.texts[path] = (ROOT / path).read_text(encoding="utf-8")
        return self.texts[path]

    @property
    def resources(self):
        return self.template["Resources"]

    @property
    def parameters(self):
        return self.template["Parameters"]

    def of_type(self, *types):
        """Name and properties of each resource of these types."""
        return [
            (name, resource.get("Properties", {})) for name, resource in self.resources.items() if resource["Type"] in types
        ]

    def functions(self):
        return self.of_type("AWS::Serverless::Function", "AWS::Lambda::Function")

    def properties(self, name):
        return self.resources[name]["Properties"]

    def declared(self, name):
        """A number that the template says of itself."""
        return self.template["Metadata"]["DeviceAssociation"][name]

    def number(self, name):
        """A number of the program."""
        path, pattern = NUMBERS[name]
        found = re.findall(pattern, self.text(path))
        if len(found) != 1:
            raise LookupError(f"{path} must say `{pattern}` once, and does so {len(found)} times: infra/checks/template reads it there")
        return int(found[0])

    def metrics(self):
        """The dimension, or None, of each metric that the program sends."""
        rows = re.findall(r"^    (\w+): \w+, (\w+), (?:Intake|Consumer|Sweep);$", self.text(METRICS), re.MULTILINE)
        if not rows:
            raise LookupError(f"{METRICS} has no list of metrics that infra/checks/template can read")
        return {name: None if dimension == "None" else dimension.removeprefix("BY_").title() for name, dimension in rows}

    def runbook_rows(self):
        """What the first column of the tables below the heading Alarms names."""
        section = re.search(r"^## Alarms\n(.*?)(?=^## |\Z)", self.text(RUNBOOK), re.MULTILINE | re.DOTALL)
        return re.findall(r"^\| `(\w+)` \|", section.group(1), re.MULTILINE) if section else []


def strings(node):
    """Every text within a value, wherever it stands."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield key
            yield from strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from strings(value)
    elif isinstance(node, str):
        yield node


def listed(value):
    """Where one thing may stand for a list of one."""
    return value if isinstance(value, list) else [value]
