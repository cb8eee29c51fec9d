"""What an environment is deployed with: samconfig.toml, which git has, and above it what this installation answered, which git has not.

The answers are in samconfig.<environment>.local.toml, and only where they differ from the template's defaults, so that a default that a later
release changes takes effect. Every deployment then says every parameter: CloudFormation would keep the previous value of one that is left out.

Usage: answers.py begin ENVIRONMENT       makes the file where there is none, and writes what SAM is run with; prints two lines:
                                          the architecture to build for, and `ask` or `keep`, whether SAM must ask for values
       answers.py tidy ENVIRONMENT        takes out what equals the template's default, after SAM has asked
"""

import functools
import os
import pathlib
import re
import shlex
import sys

import tomlkit
from cfnlint.decode import cfn_yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
BEGUN_WITH = ROOT / "samconfig.toml"
TEMPLATE = ROOT / "template.yaml"
# What somebody must say first.
OPEN = "FILL-IN"


def kept_in(environment):
    return ROOT / f"samconfig.{environment}.local.toml"


def run_with(environment):
    """What SAM reads when it does not ask; made anew each time."""
    return ROOT / ".aws-sam" / f"samconfig.{environment}.toml"


def read(path):
    return tomlkit.parse(path.read_text(encoding="utf-8")).unwrap() if path.exists() else {}


def laid_over(below, above):
    """A table with what another says laid over it, member by member."""
    both = dict(below)
    for name, value in above.items():
        both[name] = laid_over(below[name], value) if isinstance(value, dict) and isinstance(below.get(name), dict) else value
    return both


def given_in(settings):
    """The template's parameters: a table, or the one text as which `sam deploy --guided` keeps what was answered."""
    given = settings.get("parameter_overrides", {})
    return dict(part.split("=", 1) for part in shlex.split(given)) if isinstance(given, str) else dict(given)


def environments():
    return [name for name, commands in read(BEGUN_WITH).items() if isinstance(commands, dict) and "deploy" in commands]


def commands_of(environment):
    """Settings of SAM's commands. What was answered holds the parameters alone as soon as it is there: one that it lacks has its default."""
    if not re.fullmatch(r"[A-Za-z0-9-]+", environment):
        sys.exit(f"ENV is '{environment}': it has letters, digits and hyphens")
    begun = read(BEGUN_WITH).get(environment, {})
    kept = read(kept_in(environment)).get(environment, {})
    if "deploy" not in begun and "deploy" not in kept:
        sys.exit(
            f"ENV is '{environment}': samconfig.toml has {', '.join(environments())}. For another environment copy the sections of one of them "
            f"into {kept_in(environment).name}, under that name and with names of functions, queue and stack of its own"
        )
    commands = laid_over(begun, kept)
    answered = given_in(kept.get("deploy", {}).get("parameters", {}))
    commands["deploy"]["parameters"]["parameter_overrides"] = answered or given_in(begun["deploy"]["parameters"])
    return commands


@functools.cache
def defaults(template=TEMPLATE):
    """Each parameter of the template with its default as text, or None where it has none."""
    return {
        name: str(parameter["Default"]) if "Default" in parameter else None
        for name, parameter in cfn_yaml.load(str(template))["Parameters"].items()
    }


def said(commands, declared):
    """Every parameter of this release's template and its value: what was answered, else the default; None where there is neither."""
    given = given_in(commands["deploy"]["parameters"])
    return {name: str(given[name]) if name in given else default for name, default in declared.items()}


def differing(given, declared):
    """What was answered and is not the default anyway; what this release does not know stays for the one that does."""
    return {name: str(value) for name, value in given.items() if name not in declared or str(value) != declared[name]}


def open_in(values):
    """Parameters that nobody has given a value yet."""
    return [name for name, value in values.items() if value is None or value.startswith(OPEN)]


def write(path, environment, commands):
    document = tomlkit.document()
    document["version"] = 0.1
    document[environment] = commands
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(tomlkit.dumps(document), encoding="utf-8")


def begin(environment, asked_to_ask):
    """The architecture, and whether SAM must ask."""
    commands = commands_of(environment)
    kept = kept_in(environment)
    first = not kept.exists()
    if first:
        write(kept, environment, commands)
    values = said(commands, defaults())
    ask = first or asked_to_ask or bool(open_in(values))
    commands["deploy"]["parameters"]["parameter_overrides"] = {name: value for name, value in values.items() if value is not None}
    write(run_with(environment), environment, commands)
    return values["Architecture"], "ask" if ask else "keep"


def tidy(environment):
    kept = read(kept_in(environment))[environment]
    kept["deploy"]["parameters"]["parameter_overrides"] = differing(given_in(kept["deploy"]["parameters"]), defaults())
    write(kept_in(environment), environment, kept)


def main():
    command, environment = sys.argv[1:]
    if command == "begin":
        print("\n".join(begin(environment, bool(os.environ.get("GUIDED")))))
    else:
        tidy(environment)


if __name__ == "__main__":
    main()
